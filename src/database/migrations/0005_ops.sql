ALTER TABLE "webhook_inbox" ADD COLUMN "failing_since" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "webhook_inbox" ADD COLUMN "revived_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "webhook_inbox_attention" ON "webhook_inbox" USING btree ("state","id") WHERE state in ('dead', 'quarantined');