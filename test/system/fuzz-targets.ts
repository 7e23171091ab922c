/** Paths of the HTTP port. */
export const routes = [
  '/',
  '/databases',
  '/databases/orders?filter=true',
  '/queryrules/1?instance_group=orders',
  '/users/app',
  '/users',
].concat([
  '/key/orders',
  '/cert/orders',
  '/metrics',
  '/healthz/ready',
  '/openapi.json',
  '/webhooks/monitoring?auth_token=x',
]);
/** What answers whoever reaches the port: a service's name for health, a symbol for reflection. */
export const open = [
  { path: '/grpc.health.v1.Health/Check', sample: Buffer.from('\x0a\x03abc') },
  { path: '/grpc.health.v1.Health/Watch', sample: Buffer.from('\x0a\x03abc') },
  { path: '/grpc.health.v1.Health/List', sample: Buffer.from('') },
  ...['v1', 'v1alpha'].map((version) => ({
    path: `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
    sample: Buffer.from('\x22\x17chester.v1.AdminService'),
  })),
];
/** Codes by which the coordinator blames itself. */
export const blames = ['INTERNAL', 'UNKNOWN', 'DATA_LOSS'];
/** Methods that do not end by themselves. */
export const streams = ['WatchEvents', 'Connect', 'Watch', 'ServerReflectionInfo'];
