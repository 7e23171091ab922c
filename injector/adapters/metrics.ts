import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { InjectorMetrics } from '../ports.ts';

/** Registers the injector's metrics and returns the port that sets them. */
export function createInjectorMetrics(registry: Registry): InjectorMetrics {
  const registers = [registry];
  const reviews = new Counter({
    name: 'chester_injector_reviews_total',
    help: 'Admission reviews, by what became of them and why.',
    labelNames: ['outcome', 'reason'],
    registers,
  });
  const seconds = new Histogram({
    name: 'chester_injector_review_seconds',
    help: "From a review's first byte to its answer.",
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2],
    registers,
  });
  const missing = new Gauge({
    name: 'chester_injector_pods_without_agent',
    help: 'Running pods that ask for an agent and have none, by why.',
    labelNames: ['reason'],
    registers,
  });
  const expiry = new Gauge({
    name: 'chester_certificate_expiry_timestamp_seconds',
    help: 'When a certificate that this process uses expires, by what it is for.',
    labelNames: ['use'],
    registers,
  });
  const failures = new Counter({
    name: 'chester_injector_cluster_failures_total',
    help: 'Failed calls of the Kubernetes API, by call.',
    labelNames: ['call'],
    registers,
  });
  return {
    reviewed: (outcome, reason, took) => {
      reviews.inc({ outcome, reason });
      seconds.observe(took);
    },
    setMissing: (counts) => {
      missing.reset();
      for (const [reason, count] of counts) missing.set({ reason }, count);
    },
    setCertificateExpiry: (atMs) => {
      expiry.set({ use: 'webhook' }, atMs / 1000);
    },
    clusterFailed: (call) => {
      failures.inc({ call });
    },
  };
}
