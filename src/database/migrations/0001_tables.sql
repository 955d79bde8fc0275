CREATE TABLE "service_facts" (
	"name" text PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"caller" text NOT NULL,
	"key" text NOT NULL,
	"request_hash" text NOT NULL,
	"state" text DEFAULT 'in_progress' NOT NULL,
	"status" integer,
	"answer" jsonb,
	"resource_id" text,
	"lease_until" timestamp (3) with time zone,
	"attempts" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL,
	CONSTRAINT "idempotency_keys_caller_key_pk" PRIMARY KEY("caller","key")
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" uuid PRIMARY KEY NOT NULL,
	"seq" bigint GENERATED ALWAYS AS IDENTITY (sequence name "outbox_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"channel" text NOT NULL,
	"key" text NOT NULL,
	"order_id" text,
	"subject" text NOT NULL,
	"body" text NOT NULL,
	"headers" jsonb NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL,
	"lease_until" timestamp (3) with time zone,
	"in_flight" boolean DEFAULT false NOT NULL,
	"sends" integer DEFAULT 0 NOT NULL,
	"checks" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"created_at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL,
	"published_at" timestamp (3) with time zone,
	"stream_seq" bigint
);
--> statement-breakpoint
CREATE TABLE "disputes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"payment_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"provider_dispute_id" text NOT NULL,
	"amount" bigint NOT NULL,
	"currency" text NOT NULL,
	"status" text NOT NULL,
	"stage" text,
	"reason" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "provider_operations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"payment_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"kind" text NOT NULL,
	"target" text,
	"request" jsonb NOT NULL,
	"state" text DEFAULT 'prepared' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"lease_until" timestamp (3) with time zone,
	"last_error" text,
	"created_at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL,
	"first_sent_at" timestamp (3) with time zone,
	"settled_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "order_slots" (
	"order_id" text PRIMARY KEY NOT NULL,
	"open_payment_id" uuid,
	"paid_payment_id" uuid
);
--> statement-breakpoint
CREATE TABLE "payment_transitions" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "payment_transitions_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"payment_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"from_status" text,
	"to_status" text NOT NULL,
	"fact" text NOT NULL,
	"cause" text NOT NULL,
	"once_key" text,
	"detail" jsonb,
	"at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "payments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" text NOT NULL,
	"provider" text NOT NULL,
	"livemode" boolean NOT NULL,
	"status" text NOT NULL,
	"amount" bigint NOT NULL,
	"amount_captured" bigint DEFAULT 0 NOT NULL,
	"amount_refunded" bigint DEFAULT 0 NOT NULL,
	"currency" text NOT NULL,
	"capture" text NOT NULL,
	"session_id" text,
	"provider_payment_id" text,
	"charge_id" text,
	"method" jsonb,
	"receipt_url" text,
	"checkout_url" text,
	"success_url" text,
	"cancel_url" text,
	"expires_at" timestamp (3) with time zone,
	"items" jsonb NOT NULL,
	"metadata" jsonb NOT NULL,
	"content_hash" text,
	"closed_by" text,
	"review_reason" text,
	"disputed" boolean DEFAULT false NOT NULL,
	"adopted" boolean DEFAULT false NOT NULL,
	"announced" boolean DEFAULT true NOT NULL,
	"caller" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL,
	"paid_at" timestamp (3) with time zone,
	"next_check_at" timestamp (3) with time zone,
	CONSTRAINT "payments_refunded_within_captured" CHECK (amount_refunded <= amount_captured and amount_refunded >= 0),
	CONSTRAINT "payments_amount_positive" CHECK (amount > 0 and amount_captured >= 0)
);
--> statement-breakpoint
CREATE TABLE "refunds" (
	"id" uuid PRIMARY KEY NOT NULL,
	"payment_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"provider_refund_id" text NOT NULL,
	"amount" bigint NOT NULL,
	"currency" text NOT NULL,
	"status" text NOT NULL,
	"reason" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "webhook_inbox" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "webhook_inbox_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"provider" text NOT NULL,
	"event_id" text NOT NULL,
	"type" text NOT NULL,
	"livemode" boolean NOT NULL,
	"foreign_account" text,
	"body" "bytea",
	"body_hash" text NOT NULL,
	"headers" jsonb,
	"received_at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL,
	"state" text DEFAULT 'received' NOT NULL,
	"outcome" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL,
	"lease_until" timestamp (3) with time zone,
	"last_error" text,
	"processed_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE INDEX "idempotency_keys_by_age" ON "idempotency_keys" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "outbox_due" ON "outbox" USING btree ("channel","next_attempt_at") WHERE state in ('pending', 'sent');--> statement-breakpoint
CREATE INDEX "outbox_pending_by_key" ON "outbox" USING btree ("channel","key","seq") WHERE state = 'pending';--> statement-breakpoint
CREATE INDEX "outbox_unpublished" ON "outbox" USING btree ("channel","state") WHERE state <> 'published';--> statement-breakpoint
CREATE INDEX "outbox_by_order" ON "outbox" USING btree ("order_id");--> statement-breakpoint
CREATE INDEX "outbox_by_seq" ON "outbox" USING btree ("seq");--> statement-breakpoint
CREATE UNIQUE INDEX "disputes_by_provider_id" ON "disputes" USING btree ("provider","provider_dispute_id");--> statement-breakpoint
CREATE INDEX "disputes_by_payment" ON "disputes" USING btree ("payment_id");--> statement-breakpoint
CREATE INDEX "provider_operations_by_payment" ON "provider_operations" USING btree ("payment_id");--> statement-breakpoint
CREATE INDEX "provider_operations_unsettled" ON "provider_operations" USING btree ("created_at") WHERE state in ('prepared', 'sent', 'unknown');--> statement-breakpoint
CREATE UNIQUE INDEX "payment_transitions_by_version" ON "payment_transitions" USING btree ("payment_id","version");--> statement-breakpoint
CREATE UNIQUE INDEX "payment_transitions_once" ON "payment_transitions" USING btree ("payment_id","once_key");--> statement-breakpoint
CREATE INDEX "payments_by_order" ON "payments" USING btree ("order_id","id");--> statement-breakpoint
CREATE INDEX "payments_by_status" ON "payments" USING btree ("status","id");--> statement-breakpoint
CREATE INDEX "payments_due_for_check" ON "payments" USING btree ("next_check_at") WHERE next_check_at is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "payments_by_session" ON "payments" USING btree ("provider","session_id");--> statement-breakpoint
CREATE UNIQUE INDEX "payments_by_provider_payment" ON "payments" USING btree ("provider","provider_payment_id");--> statement-breakpoint
CREATE UNIQUE INDEX "payments_by_charge" ON "payments" USING btree ("provider","charge_id");--> statement-breakpoint
CREATE UNIQUE INDEX "refunds_by_provider_id" ON "refunds" USING btree ("provider","provider_refund_id");--> statement-breakpoint
CREATE INDEX "refunds_by_payment" ON "refunds" USING btree ("payment_id");--> statement-breakpoint
CREATE UNIQUE INDEX "webhook_inbox_event" ON "webhook_inbox" USING btree ("provider","event_id");--> statement-breakpoint
CREATE INDEX "webhook_inbox_due" ON "webhook_inbox" USING btree ("next_attempt_at","id") WHERE state in ('received', 'parked');