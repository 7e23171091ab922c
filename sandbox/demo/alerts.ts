/** What Cloud Monitoring posts to a webhook, schema 1.2, with the fields that a Cloud SQL alert carries. */
export type Alert = {
  readonly incidentId: string;
  readonly group: string;
  readonly action: 'scale-out' | 'scale-in';
  readonly state: 'open' | 'closed';
};

/** Renders the notification of an alert. */
function renderAlert(alert: Alert, nowMs: number): string {
  const isHigh = alert.action === 'scale-out';
  const startedAt = Math.floor(nowMs / 1000);
  const condition = isHigh ? 'read CPU above 70%' : 'read CPU below 20%';
  return JSON.stringify({
    version: '1.2',
    incident: {
      incident_id: alert.incidentId,
      scoping_project_id: 'demo',
      state: alert.state,
      started_at: startedAt,
      ended_at: alert.state === 'closed' ? startedAt : null,
      policy_name: `${alert.group} ${alert.action}`,
      policy_user_labels: { 'chester-group': alert.group, 'chester-action': alert.action },
      condition_name: condition,
      observed_value: isHigh ? '0.83' : '0.12',
      threshold_value: isHigh ? '0.7' : '0.2',
      resource: { type: 'cloudsql_database', labels: { project_id: 'demo', database_id: 'demo:orders-primary' } },
      summary: `CPU utilization of demo:orders-primary: ${condition}`,
      documentation: { content: '', mime_type: 'text/markdown' },
    },
  });
}

/** Posts it, as Cloud Monitoring does. @throws {Error} when it is not taken. */
export async function postAlert(httpAddress: string, alert: Alert, nowMs: number): Promise<void> {
  const response = await fetch(`http://${httpAddress}/webhooks/monitoring`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: renderAlert(alert, nowMs),
    signal: AbortSignal.timeout(5000),
  });
  if (!response.ok) throw new Error(`the webhook answered ${response.status}: ${await response.text()}`);
}
