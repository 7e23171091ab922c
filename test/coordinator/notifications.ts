/** What Cloud Monitoring posts, schema 1.2, with made-up values. */
const condition = {
  conditionThreshold: {
    aggregations: [{ alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_MEAN' }],
    comparison: 'COMPARISON_GT',
    duration: '120s',
    filter: 'resource.type = "cloudsql_database" AND metric.type = "cloudsql.googleapis.com/database/cpu/utilization"',
    thresholdValue: 0.7,
    trigger: { count: 1 },
  },
  displayName: 'replica CPU above 70%',
  name: 'projects/shop-prod-1/alertPolicies/5512009876543210001/conditions/5512009876543210002',
};

export const openIncident = {
  condition,
  condition_name: 'replica CPU above 70%',
  documentation: {
    content: 'Read the runbook.',
    mime_type: 'text/markdown',
    subject: '[ALERT - Warning] orders read CPU',
  },
  ended_at: null,
  incident_id: '0.q7x2m9k4t1ab',
  metadata: { system_labels: {}, user_labels: { pool: 'orders' } },
  metric: { displayName: 'CPU utilization', labels: {}, type: 'cloudsql.googleapis.com/database/cpu/utilization' },
  observed_value: '0.834',
  policy_name: 'orders read CPU',
  policy_user_labels: { 'chester-group': 'orders', 'chester-action': 'scale-out' },
  resource: {
    labels: { database_id: 'shop-prod-1:orders-primary-ro-a1b2', project_id: 'shop-prod-1', region: 'europe-west1' },
    type: 'cloudsql_database',
  },
  resource_id: '',
  resource_type_display_name: 'Cloud SQL Database',
  scoping_project_id: 'shop-prod-1',
  scoping_project_number: 415263748596,
  severity: 'Warning',
  started_at: 1795300000,
  state: 'open',
  summary: 'CPU utilization for shop-prod-1 is above the threshold of 0.700 with a value of 0.834.',
  threshold_value: '0.7',
  url: 'https://console.cloud.google.com/monitoring/alerting/alerts/0.q7x2m9k4t1ab?channelType=webhook&project=shop-prod-1',
};

/** A notification as text: the open sample with some fields changed; `undefined` drops one. */
export function notification(change: Readonly<Record<string, unknown>> = {}, version: unknown = '1.2'): string {
  return JSON.stringify({ incident: { ...openIncident, ...change }, version });
}

/** The message that tells that the open sample's incident is over. */
export function closedNotification(change: Readonly<Record<string, unknown>> = {}): string {
  const summary = 'CPU utilization for shop-prod-1 returned to normal with a value of 0.412.';
  return notification({ ended_at: 1795301260, observed_value: '0.412', state: 'closed', summary, ...change });
}

/** What the console's "send test notification" posts. */
export const testNotification = JSON.stringify({
  version: 'test',
  incident: {
    incident_id: '12345',
    scoping_project_id: '12345',
    scoping_project_number: 12345,
    url: 'http://www.example.com',
    started_at: 0,
    ended_at: 0,
    state: 'OPEN',
    summary: 'Test Incident',
    apigee_url: 'http://www.example.com',
    observed_value: '1.0',
    resource: { type: 'example_resource', labels: { example: 'label' } },
    policy_name: 'projects/12345/alertPolicies/12345',
    policy_user_labels: { example: 'label' },
    documentation: 'Test documentation',
    condition_name: 'Example condition',
    threshold_value: '0.5',
  },
});
