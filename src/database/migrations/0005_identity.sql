CREATE TABLE "installations" (
	"id" text PRIMARY KEY NOT NULL,
	"made" boolean NOT NULL,
	"since" timestamp (3) with time zone DEFAULT payments_now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "payments" DROP CONSTRAINT "payments_amount_positive";--> statement-breakpoint
ALTER TABLE "webhook_inbox" ADD COLUMN "owner_check_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE UNIQUE INDEX "installations_made" ON "installations" USING btree ("made") WHERE made;--> statement-breakpoint
CREATE INDEX "payments_by_age" ON "payments" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "webhook_inbox_owner_check" ON "webhook_inbox" USING btree ("owner_check_at") WHERE owner_check_at is not null;--> statement-breakpoint
ALTER TABLE "payments" ADD CONSTRAINT "payments_amount_positive" CHECK (amount >= 0 and amount_captured >= 0);