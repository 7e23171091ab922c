import type { CoordinatorProcess } from './coordinator-process.ts';
import type { OrderRules } from './order-rules.ts';
import type { Random } from './random.ts';
import type { Rules } from './rules.ts';
import type { Scheduler } from './scheduler.ts';

export type Alert = {
  readonly id: string;
  readonly group: string;
  readonly action: 'scale-out' | 'scale-in';
  state: 'open' | 'closed';
};

export type AlertsDeps = {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly rules: Rules;
  readonly coordinator: () => CoordinatorProcess | null;
  readonly nowMs: () => number;
  readonly log: (text: string) => void;
};

type Message = { readonly text: string; readonly incident: { id: string; group: string; state: string } | null };

const ackDeadlineMs = 10_000;

/** Cloud Monitoring and Pub/Sub: messages come late, twice and in any order, again and again until acknowledged. */
export class Alerts {
  readonly #deps: AlertsDeps;
  readonly #waiting = new Set<Message>();
  readonly alerts: Alert[] = [];
  #fewerAskedAtMs = -Infinity;

  constructor(deps: AlertsDeps) {
    this.#deps = deps;
  }

  get unacknowledged(): number {
    return this.#waiting.size;
  }

  open(group: string, action: Alert['action']): Alert {
    const alert: Alert = { id: `0.${action}-${this.alerts.length + 1}`, group, action, state: 'open' };
    this.alerts.push(alert);
    this.#deps.log(`alert ${alert.id} opens`);
    this.tell(alert);
    return alert;
  }

  close(alert: Alert): void {
    if (alert.state === 'closed') return;
    this.#noteFewer(alert);
    alert.state = 'closed';
    this.#deps.log(`alert ${alert.id} closes`);
    this.tell(alert);
  }

  isOpen(action: Alert['action']): boolean {
    return this.alerts.some((alert) => alert.state === 'open' && alert.action === action);
  }

  /** Sends what Cloud Monitoring says of an alert now. */
  tell(alert: Alert): void {
    const { nowMs, random } = this.#deps;
    this.#noteFewer(alert);
    const seconds = Math.floor(nowMs() / 1000);
    const incident = {
      incident_id: alert.id,
      state: alert.state,
      started_at: seconds,
      ended_at: alert.state === 'closed' ? seconds : null,
      policy_name: `${alert.action} of ${alert.group}`,
      policy_user_labels: { 'chester-group': alert.group, 'chester-action': alert.action },
    };
    const text = JSON.stringify({ version: '1.2', incident });
    for (let copies = random.chance(0.3) ? 2 : 1; copies > 0; copies -= 1) {
      this.#send({ text, incident: { id: alert.id, group: alert.group, state: alert.state } });
    }
  }

  /** A message that nobody can use. */
  poison(text: string): void {
    this.#send({ text, incident: null });
  }

  /**
   * When somebody last asked for fewer replicas; -Infinity: never. Until an incident is closed in the store it asks, and
   * so does each order that stands.
   */
  noteFewer(rules: Rules, orders: OrderRules): number {
    const openIds = rules.openIncidents();
    const asks = this.alerts.some(({ id, action }) => action === 'scale-in' && openIds.has(id));
    if (asks || orders.asksForFewer) this.#fewerAskedAtMs = this.#deps.scheduler.nowMs;
    return Math.max(this.#fewerAskedAtMs, orders.fewerOrderedAtMs);
  }

  #noteFewer({ action }: Alert): void {
    if (action === 'scale-in') this.#fewerAskedAtMs = this.#deps.scheduler.nowMs;
  }

  #send(message: Message): void {
    this.#waiting.add(message);
    const { random } = this.#deps;
    this.#deliver(message, random.int(0, random.chance(0.2) ? 6000 : 1000));
  }

  #deliver(message: Message, delayMs: number): void {
    const { scheduler, random, coordinator, rules } = this.#deps;
    scheduler.after(delayMs, () => {
      if (!this.#waiting.has(message)) return;
      const taker = coordinator();
      this.#deliver(message, ackDeadlineMs + random.int(0, 5000));
      taker?.process.run(() => {
        taker.intake.accept({ source: 'pubsub', text: message.text }).then(
          () => {
            this.#waiting.delete(message);
            if (message.incident !== null) rules.acknowledged(message.incident);
          },
          () => undefined,
        );
      });
    });
  }
}
