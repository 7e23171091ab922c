/** Samples of one minute each, as promtool writes them: `1x20` is twenty ones. */
export type Series = Readonly<Record<string, string>>;

export type AlertCase = {
  readonly alert: string;
  /** Labels of the alert that fires. */
  readonly labels: Readonly<Record<string, string>>;
  /** After so many minutes it fires. */
  readonly minutes: number;
  readonly fires: Series;
  /** What looks alike and is fine. */
  readonly quiet: Series;
};

const held = {
  'chester_lease_held{instance="a",job="c"}': '1x120',
  'chester_lease_held{instance="b",job="c"}': '0x120',
};
const replicas = (desired: string, serving: string, existing: string, instance = 'a'): Series =>
  Object.fromEntries(
    Object.entries({ desired, serving, existing }).map(([count, values]) => [
      `chester_replicas{group="orders",count="${count}",instance="${instance}",job="c"}`,
      values,
    ]),
  );

export const alertCases: readonly AlertCase[] = [
  {
    alert: 'ChesterFleetNotConverged',
    labels: { group: 'orders', severity: 'warning' },
    minutes: 11,
    fires: { 'chester_agents_behind{group="orders",state="SENT",instance="a"}': '1x20' },
    quiet: { 'chester_agents_behind{group="orders",state="SENT",instance="a"}': '1x5 0x2 1x12' },
  },
  {
    alert: 'ChesterUpdateRejected',
    labels: { group: 'orders', severity: 'critical' },
    minutes: 3,
    fires: { 'chester_agents_behind{group="orders",state="REJECTED",instance="a"}': '1x20' },
    quiet: { 'chester_agents_behind{group="orders",state="RETRYING",instance="a"}': '1x20' },
  },
  {
    alert: 'ChesterRolloutStopped',
    labels: { group: 'orders', severity: 'critical' },
    minutes: 3,
    fires: { 'chester_rollout_stopped{group="orders"}': '1x20' },
    quiet: { 'chester_rollout_stopped{group="orders"}': '0x20' },
  },
  {
    alert: 'ChesterDriftRepaired',
    labels: { group: 'orders', severity: 'warning' },
    minutes: 60,
    fires: { 'chester_agent_drift_repairs_total{group="orders",instance="p"}': '0+1x60' },
    quiet: { 'chester_agent_drift_repairs_total{group="orders",instance="p"}': '0x30 3x40' },
  },
  {
    alert: 'ChesterForeignPending',
    labels: { group: 'orders', severity: 'warning' },
    minutes: 7,
    fires: { 'chester_agents_held{group="orders",reason="FOREIGN_PENDING"}': '1x20' },
    quiet: { 'chester_agents_held{group="orders",reason="WARMING"}': '1x20' },
  },
  {
    alert: 'ChesterAgentDisconnected',
    labels: { instance: 'p', severity: 'warning' },
    minutes: 12,
    fires: { 'chester_agent_stream_connected{instance="p"}': '0x20' },
    quiet: { 'chester_agent_stream_connected{instance="p"}': '0x5 1x20' },
  },
  {
    alert: 'ChesterPodsWithoutAgent',
    labels: { reason: 'missed', severity: 'warning' },
    minutes: 12,
    fires: { 'chester_injector_pods_without_agent{reason="missed"}': '1x20' },
    quiet: { 'chester_injector_pods_without_agent{reason="missed"}': '1x5 0x20' },
  },
  {
    alert: 'ChesterReplicaStuckCreating',
    labels: { group: 'orders', severity: 'warning' },
    minutes: 45,
    fires: { ...held, ...replicas('2x60', '1x60', '2x60') },
    // The one that decided before still shows what it knew last; who decides now says that all is well.
    quiet: { ...held, ...replicas('2x60', '2x60', '2x60'), ...replicas('2x60', '1x60', '2x60', 'b') },
  },
  {
    alert: 'ChesterDrainHeld',
    labels: { group: 'orders', severity: 'warning' },
    minutes: 65,
    fires: {
      'chester_holds{group="orders",reason="VOTERS_OUTSTANDING"}': '1x30',
      'chester_holds{group="orders",reason="SESSIONS"}': '_x30 1x40',
    },
    quiet: { 'chester_holds{group="orders",reason="VOTERS_OUTSTANDING"}': '1x30 _x1 _x40' },
  },
  {
    alert: 'ChesterDeniedAtMax',
    labels: { group: 'orders', severity: 'warning' },
    minutes: 17,
    fires: { 'chester_scaling_decision{group="orders",reason="AT_MAX"}': '1x20' },
    quiet: { 'chester_scaling_decision{group="orders",reason="STEADY"}': '1x20' },
  },
  {
    alert: 'ChesterPausedTooLong',
    labels: { group: 'orders', direction: 'in', severity: 'warning' },
    minutes: 3,
    fires: { 'chester_scaling_paused_since_timestamp_seconds{group="orders",direction="in"}': '-90000x20' },
    quiet: { 'chester_scaling_paused_since_timestamp_seconds{group="orders",direction="in"}': '-80000x20' },
  },
  {
    alert: 'ChesterReplicaLag',
    labels: { group: 'orders', severity: 'warning' },
    minutes: 17,
    fires: { 'chester_holds{group="orders",reason="LAGGING"}': '2x20' },
    quiet: { 'chester_holds{group="orders",reason="AT_MAX"}': '2x20' },
  },
  {
    alert: 'ChesterNoHolder',
    labels: { severity: 'critical' },
    minutes: 3,
    fires: { 'chester_lease_held{instance="a"}': '0x20', 'chester_lease_held{instance="b"}': '0x20' },
    quiet: { 'chester_lease_held{instance="a"}': '0x20', 'chester_lease_held{instance="b"}': '1x20' },
  },
  {
    alert: 'ChesterNoHolder',
    labels: { severity: 'critical' },
    minutes: 3,
    fires: { 'chester_store_up{instance="nobody shows a lease"}': '1x20' },
    quiet: { 'chester_lease_held{instance="b"}': '1x20' },
  },
  {
    alert: 'ChesterStoreDegraded',
    labels: { instance: 'a', severity: 'critical' },
    minutes: 3,
    fires: { 'chester_store_up{instance="a"}': '0x20', 'chester_store_up{instance="b"}': '1x20' },
    quiet: { 'chester_store_up{instance="a"}': '1x20' },
  },
  {
    alert: 'ChesterCellSilent',
    labels: { cell: 'west', severity: 'critical' },
    minutes: 4,
    fires: { 'chester_cell_silent{cell="west",instance="a"}': '1x20' },
    quiet: { 'chester_cell_silent{cell="west",instance="a"}': '0x20' },
  },
  {
    alert: 'ChesterCertificateNearExpiry',
    labels: { instance: 'a', use: 'server', severity: 'warning' },
    minutes: 12,
    fires: { 'chester_certificate_expiry_timestamp_seconds{instance="a",use="server"}': '800000x20' },
    quiet: { 'chester_certificate_expiry_timestamp_seconds{instance="a",use="server"}': '900000x20' },
  },
  {
    alert: 'ChesterNotificationUnusable',
    labels: { severity: 'warning' },
    minutes: 30,
    fires: { 'chester_notifications_total{kind="unusable"}': '0x10 1x30' },
    quiet: { 'chester_notifications_total{kind="incident"}': '0+1x40' },
  },
];
