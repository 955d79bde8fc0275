CREATE TABLE "payment_sources" (
	"id" uuid PRIMARY KEY NOT NULL,
	"customer_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"provider_source_id" text NOT NULL,
	"brand" text,
	"last4" text,
	"exp_month" integer,
	"exp_year" integer,
	"holder" text,
	"is_default" boolean NOT NULL,
	"blocked" boolean NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL,
	"removed_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "customer_accounts" (
	"customer_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"livemode" boolean NOT NULL,
	"provider_customer_id" text,
	"told" jsonb,
	"confirmed_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL,
	CONSTRAINT "customer_accounts_customer_id_provider_pk" PRIMARY KEY("customer_id","provider")
);
--> statement-breakpoint
CREATE TABLE "customers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"provider" text NOT NULL,
	"name" text,
	"email" text,
	"phone" text,
	"metadata" jsonb NOT NULL,
	"caller" text NOT NULL,
	"version" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL,
	"deleted_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "card_setups" (
	"id" uuid PRIMARY KEY NOT NULL,
	"customer_id" uuid,
	"provider" text NOT NULL,
	"livemode" boolean NOT NULL,
	"state" text NOT NULL,
	"provider_setup_id" text,
	"embed" jsonb,
	"token" text,
	"source_id" uuid,
	"success_url" text,
	"locale" text,
	"caller" text NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "plan_prices" (
	"provider" text NOT NULL,
	"provider_plan_id" text NOT NULL,
	"plan_uid" uuid NOT NULL,
	CONSTRAINT "plan_prices_provider_provider_plan_id_pk" PRIMARY KEY("provider","provider_plan_id")
);
--> statement-breakpoint
CREATE TABLE "plans" (
	"uid" uuid PRIMARY KEY NOT NULL,
	"id" text NOT NULL,
	"provider" text NOT NULL,
	"livemode" boolean NOT NULL,
	"provider_plan_id" text,
	"provider_product_id" text,
	"name" text NOT NULL,
	"amount" bigint NOT NULL,
	"currency" text NOT NULL,
	"interval" text NOT NULL,
	"frequency" integer NOT NULL,
	"trial_days" integer NOT NULL,
	"expiry_count" integer,
	"max_retries" integer,
	"retry_delay_hours" integer,
	"caller" text NOT NULL,
	"confirmed_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL,
	"deleted_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "subscription_periods" (
	"id" uuid PRIMARY KEY NOT NULL,
	"subscription_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"period_id" text NOT NULL,
	"start_at" timestamp (3) with time zone,
	"end_at" timestamp (3) with time zone,
	"amount" bigint NOT NULL,
	"currency" text NOT NULL,
	"payment_id" uuid NOT NULL,
	"paid_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "subscription_transitions" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "subscription_transitions_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"subscription_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"from_status" text,
	"to_status" text NOT NULL,
	"event" text NOT NULL,
	"cause" text NOT NULL,
	"once_key" text,
	"detail" jsonb,
	"at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "subscriptions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"customer_id" uuid NOT NULL,
	"plan_uid" uuid NOT NULL,
	"next_plan_uid" uuid,
	"provider" text NOT NULL,
	"livemode" boolean NOT NULL,
	"provider_subscription_id" text,
	"source_id" uuid,
	"order_id" text,
	"status" text NOT NULL,
	"cancel_reason" text,
	"cancel_at_period_end" boolean DEFAULT false NOT NULL,
	"trial_end" timestamp (3) with time zone,
	"period_start" timestamp (3) with time zone,
	"period_end" timestamp (3) with time zone,
	"paused_at" timestamp (3) with time zone,
	"canceled_at" timestamp (3) with time zone,
	"failed_attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp (3) with time zone,
	"metadata" jsonb NOT NULL,
	"exclusive" boolean NOT NULL,
	"caller" text NOT NULL,
	"version" integer DEFAULT 0 NOT NULL,
	"confirmed_at" timestamp (3) with time zone,
	"next_check_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "payments" ALTER COLUMN "order_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "provider_operations" ADD COLUMN "misses" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "payments" ADD COLUMN "customer_id" uuid;--> statement-breakpoint
ALTER TABLE "payments" ADD COLUMN "subscription_id" uuid;--> statement-breakpoint
ALTER TABLE "payments" ADD COLUMN "failure" jsonb;--> statement-breakpoint
CREATE INDEX "payment_sources_by_customer" ON "payment_sources" USING btree ("customer_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "payment_sources_by_provider_source" ON "payment_sources" USING btree ("provider","provider_source_id");--> statement-breakpoint
CREATE UNIQUE INDEX "customer_accounts_by_provider_customer" ON "customer_accounts" USING btree ("provider","provider_customer_id");--> statement-breakpoint
CREATE INDEX "customers_by_email" ON "customers" USING btree ("email","id");--> statement-breakpoint
CREATE UNIQUE INDEX "card_setups_by_provider_setup" ON "card_setups" USING btree ("provider","provider_setup_id");--> statement-breakpoint
CREATE UNIQUE INDEX "plans_by_id" ON "plans" USING btree ("id") WHERE deleted_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "subscription_periods_by_period" ON "subscription_periods" USING btree ("provider","period_id");--> statement-breakpoint
CREATE INDEX "subscription_periods_by_subscription" ON "subscription_periods" USING btree ("subscription_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "subscription_transitions_by_version" ON "subscription_transitions" USING btree ("subscription_id","version");--> statement-breakpoint
CREATE UNIQUE INDEX "subscription_transitions_once" ON "subscription_transitions" USING btree ("subscription_id","once_key");--> statement-breakpoint
CREATE UNIQUE INDEX "subscriptions_by_provider_subscription" ON "subscriptions" USING btree ("provider","provider_subscription_id");--> statement-breakpoint
CREATE UNIQUE INDEX "subscriptions_one_per_customer" ON "subscriptions" USING btree ("customer_id") WHERE exclusive and status <> 'canceled';--> statement-breakpoint
CREATE INDEX "subscriptions_by_customer" ON "subscriptions" USING btree ("customer_id","id");--> statement-breakpoint
CREATE INDEX "subscriptions_due_for_check" ON "subscriptions" USING btree ("next_check_at") WHERE next_check_at is not null;--> statement-breakpoint
CREATE INDEX "payments_by_customer" ON "payments" USING btree ("customer_id","id");--> statement-breakpoint
CREATE INDEX "payments_by_subscription" ON "payments" USING btree ("subscription_id","id");