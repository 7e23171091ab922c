import { request } from 'node:http';
import type { InstanceData } from '../../../../coordinator/core/legacy-shapes.ts';
import { terraform } from './legacy-server.ts';

/** One `chester_database` as it is written in Terraform. */
export type Resource = {
  readonly instance_name: string;
  readonly username: string;
  readonly password: string;
  readonly enable_ssl: number;
  readonly read_hostgroup: number;
  readonly write_hostgroup: number;
  readonly max_chester_instances: number;
  readonly master_instance: { readonly name: string; readonly ip_address: string };
  readonly read_replicas: readonly { readonly name: string; readonly ip_address: string }[];
};

/** What Terraform remembers of it: what was read last. */
export type State = Resource & { readonly query_rules: InstanceData['query_rules'] };

/**
 * Calls as Chester's Terraform provider does: a login with every call, a token for the proxy in front beside it, no
 * content type, `?filter=true` with every read, and any status but 200 is an error.
 */
export class TerraformClient {
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  async create(resource: Resource): Promise<State> {
    const { instance_name: name, username, password, master_instance: primary, read_replicas: readers } = resource;
    await this.#call('POST', '/', {
      action: 'add',
      instance_name: name,
      username,
      password,
      master_instance: primary,
      read_replicas: readers,
      chester_meta_data: { instance_group: name, max_chester_instances: resource.max_chester_instances },
      ...{ key_data: '', cert_data: '', ca_data: '', enable_ssl: 0 },
    });
    return this.read(name);
  }

  async read(name: string): Promise<State> {
    const data = JSON.parse(await this.#call('GET', `/databases/${name}?filter=true`, null)) as InstanceData;
    return {
      instance_name: data.instance_name,
      username: data.username,
      password: data.password,
      enable_ssl: data.use_ssl,
      read_hostgroup: data.read_hostgroup,
      write_hostgroup: data.write_hostgroup,
      max_chester_instances: data.chester_meta_data.max_chester_instances,
      master_instance: data.master_instance,
      read_replicas: data.read_replicas,
      query_rules: data.query_rules,
    };
  }

  /** Sends what differs from what was read last; what does not is null or left out. */
  async update(state: State, resource: Resource): Promise<State> {
    const { instance_name: name, max_chester_instances: max } = resource;
    const isChanged = (field: keyof Resource) => JSON.stringify(state[field]) !== JSON.stringify(resource[field]);
    if ((Object.keys(resource) as (keyof Resource)[]).some(isChanged)) {
      await this.#call('PATCH', '/', {
        action: 'modify',
        instance_name: name,
        ...(isChanged('username') ? { new_username: resource.username } : {}),
        ...(isChanged('password') ? { new_password: resource.password } : {}),
        ...{ add_query_rules: null, remove_query_rules: null },
        read_replicas: isChanged('read_replicas') ? resource.read_replicas : null,
        chester_meta_data: isChanged('max_chester_instances')
          ? { instance_group: name, max_chester_instances: max }
          : { instance_group: '', max_chester_instances: 0 },
      });
    }
    return this.read(name);
  }

  async destroy({ instance_name: name, username }: Resource): Promise<void> {
    await this.#call('DELETE', '/', { action: 'remove', instance_name: name, username });
  }

  /** What `plan` would want to change. A password is never shown, so the provider's users ignore it. */
  diff(state: State, resource: Resource): readonly string[] {
    return (Object.keys(resource) as (keyof Resource)[]).filter(
      (field) => field !== 'password' && JSON.stringify(state[field]) !== JSON.stringify(resource[field]),
    );
  }

  #call(method: string, path: string, body: unknown): Promise<string> {
    const text = body === null ? '' : JSON.stringify(body);
    const login = { authorization: terraform, 'proxy-authorization': 'Bearer some.id.token' };
    const headers = body === null ? login : { ...login, 'content-length': Buffer.byteLength(text) };
    return new Promise((resolve, reject) => {
      const call = request({ host: '127.0.0.1', port: this.#port, method, path, headers }, (response) => {
        let answer = '';
        response.setEncoding('utf8').on('data', (part: string) => (answer += part));
        response.on('end', () => {
          if (response.statusCode === 200) resolve(answer);
          else reject(new Error(`bad status code: ${answer}`));
        });
      });
      call.on('error', reject);
      call.end(text);
    });
  }
}
