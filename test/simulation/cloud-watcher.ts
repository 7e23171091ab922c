import type { CloudWatcher } from './sim-cloud.ts';
import type { World } from './world.ts';

/** What the world takes note of when Cloud SQL does something. */
export function watchCloud(world: World): CloudWatcher {
  return {
    created: (instance) => {
      world.tell(`cloud creates ${instance.name}`);
      world.rules.created(instance);
    },
    runs: ({ name, address }) => {
      world.tell(`cloud runs ${name} at ${address ?? 'nowhere'}`);
      if (address !== null) world.rules.runnable(address);
    },
    deleting: (instance, shown) => {
      world.tell(`cloud deletes ${instance.name}`);
      world.rules.deleting(instance, shown);
      world.orders.deleting(instance);
    },
    deleted: (instance, byUs) => {
      world.tell(`cloud deleted ${instance.name}${byUs ? '' : ', as a person said'}`);
      if (byUs) world.goneByUs.add(instance.name);
      world.rules.deleted(instance, byUs);
      if (instance.address !== null) world.sessions.delete(instance.address);
    },
  };
}
