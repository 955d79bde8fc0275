ALTER TABLE "subscriptions" ADD COLUMN "cancel_comment" text;--> statement-breakpoint
CREATE INDEX CONCURRENTLY "customers_by_folded_email" ON "customers" USING btree (lower("email"),"id");--> statement-breakpoint
CREATE INDEX CONCURRENTLY "webhook_inbox_prunable" ON "webhook_inbox" USING btree ("received_at") WHERE body is not null;