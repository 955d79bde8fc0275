ALTER TABLE "subscription_periods" ALTER COLUMN "payment_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "subscription_periods" ADD COLUMN "closed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "subscription_periods" ADD COLUMN "off_cycle" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "cancel_comment" text;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "hosted_invoice_url" text;--> statement-breakpoint
CREATE INDEX CONCURRENTLY "customers_by_folded_email" ON "customers" USING btree (lower("email"),"id");--> statement-breakpoint
CREATE INDEX CONCURRENTLY "webhook_inbox_prunable" ON "webhook_inbox" USING btree ("received_at") WHERE body is not null;