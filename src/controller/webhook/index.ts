// The door of webhook/: the validating admission webhook.
export { WebhookServer, type WebhookLimits, type WebhookServerOptions } from './webhook-server.ts';
export type { WebhookCounts } from './review-requests.ts';
