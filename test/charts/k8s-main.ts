// `make test-k8s`: the chart and the injection against the cluster that KUBECONFIG names, in namespaces of its own. What an
// API server alone can say is tried on every cluster: each preset with each helm, rights, upgrade and uninstalling. Where a
// node is ready the trial runs, and the injector as a pod; images have to be there: CHESTER_REGISTRY and CHESTER_TAG name
// them. Without nodes (an API server of this machine) the injector is a process here. PREVIOUS_CHART names the chart of the
// last release, to upgrade from. Without KUBECONFIG it says so and exits 0.
import { helmMissing } from './helm.ts';
import { hasReadyNode, kubectl, say } from './k8s/cluster.ts';
import { playInjection } from './k8s/injection-play.ts';
import { playPresets } from './k8s/presets-play.ts';
import { playPods } from './k8s/pods-play.ts';

const missing =
  (process.env['KUBECONFIG'] ?? '') === ''
    ? 'KUBECONFIG names no cluster. kind create cluster, load the images, and try again.'
    : helmMissing;
if (missing !== null) {
  say(`SKIPPED: ${missing}`);
  process.exit(0);
}
const prefix = `chester-${Date.now().toString(36)}`;

async function play(): Promise<void> {
  playPresets(prefix);
  if (hasReadyNode()) {
    await playPods(`${prefix}-pods`);
    return;
  }
  await playInjection(prefix);
  say('SKIPPED: no node is ready, so no pod runs: neither "helm test" nor the injector as a pod was tried');
}

try {
  await play();
  say('passed');
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
} finally {
  cleanUp();
}

/** Takes away what bears this run's name; whatever fails, the rest is tried. */
function cleanUp(): void {
  const named = (kind: string) =>
    kubectl(['get', kind, '-o', 'name'])
      .split('\n')
      .filter((name) => name.includes(prefix));
  for (const kind of ['namespaces', 'mutatingwebhookconfigurations', 'clusterroles', 'clusterrolebindings']) {
    const names = named(kind);
    if (names.length > 0) kubectl(['delete', '--wait=false', ...names]);
  }
}
