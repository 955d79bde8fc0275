export interface Webhook {
  id: string;
  object: 'webhook';
  url: string;
  description: string;
  status: 'listening';
  active: boolean;
  livemode: boolean;
  subscribed_events: string[];
}

export interface WebhookKey {
  id: string;
  object: 'webhook_key';
  active: boolean;
  livemode: boolean;
  created_at: number;
  deactivated_at: number | null;
  /** PEM. */
  public_key: string;
}

export interface WebhookLog {
  id: string;
  object: 'webhook_log';
  url: string;
  failed_attempts: number;
  /** −1 while nobody has answered. */
  last_http_response_status: number;
  last_attempted_at: number;
  response_data: object;
}

/** An event as it is listed and sent. A ping has no `object` in its data. */
export interface ConektaEvent {
  id: string;
  object: 'event';
  type: string;
  livemode: boolean;
  created_at: number;
  webhook_status: string;
  webhook_logs: WebhookLog[];
  data: { object?: object; previous_attributes?: object; [name: string]: unknown };
}
