CREATE TABLE "webhook_endpoints" (
	"id" uuid PRIMARY KEY NOT NULL,
	"provider" text NOT NULL,
	"remote_id" text NOT NULL,
	"url" text NOT NULL,
	"events" jsonb NOT NULL,
	"livemode" boolean NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL,
	"deleted_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "webhook_keys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"provider" text NOT NULL,
	"endpoint_id" uuid NOT NULL,
	"endpoint_remote_id" text NOT NULL,
	"remote_id" text,
	"value" "bytea" NOT NULL,
	"encrypted" boolean NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL,
	"retired_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "payments" ADD COLUMN "ui" text DEFAULT 'hosted' NOT NULL;--> statement-breakpoint
ALTER TABLE "payments" ADD COLUMN "embed" jsonb;--> statement-breakpoint
ALTER TABLE "payments" ADD COLUMN "adjustments" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "webhook_endpoints_by_remote" ON "webhook_endpoints" USING btree ("provider","remote_id") WHERE deleted_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "webhook_endpoints_by_url" ON "webhook_endpoints" USING btree ("provider","url") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "webhook_keys_by_provider" ON "webhook_keys" USING btree ("provider","retired_at");