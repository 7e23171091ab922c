/** Whether an address, with or without a port, is this machine's own. */
export function isLoopback(address: string): boolean {
  const host =
    /^\[(.*)\](?::\d+)?$/.exec(address)?.[1] ??
    (/^[^:]*:\d+$/.test(address) ? address.slice(0, address.lastIndexOf(':')) : address);
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
