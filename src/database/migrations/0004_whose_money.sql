CREATE TABLE "installations" (
	"id" text PRIMARY KEY NOT NULL,
	"made" boolean NOT NULL,
	"since" timestamp (3) with time zone DEFAULT payments_now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "operator_actions" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "operator_actions_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"target" text,
	"detail" jsonb NOT NULL,
	"at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "payments" DROP CONSTRAINT "payments_amount_positive";--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "first_sent_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "last_sent_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "missing_since" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "disputes" ADD COLUMN "inquiry" boolean;--> statement-breakpoint
ALTER TABLE "webhook_inbox" ADD COLUMN "failing_since" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "webhook_inbox" ADD COLUMN "revived_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "webhook_inbox" ADD COLUMN "owner_check_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE UNIQUE INDEX "installations_made" ON "installations" USING btree ("made") WHERE made;--> statement-breakpoint
CREATE INDEX "operator_actions_by_target" ON "operator_actions" USING btree ("target");--> statement-breakpoint
CREATE INDEX "payments_by_created" ON "payments" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "webhook_inbox_attention" ON "webhook_inbox" USING btree ("state","id") WHERE state in ('dead', 'quarantined');--> statement-breakpoint
CREATE INDEX "webhook_inbox_owner_check" ON "webhook_inbox" USING btree ("owner_check_at") WHERE owner_check_at is not null;--> statement-breakpoint
ALTER TABLE "payments" ADD CONSTRAINT "payments_amount_positive" CHECK (amount >= 0 and amount_captured >= 0);--> statement-breakpoint
-- Recorded wrongly by the version before: holds that were released as refunds, disputes that were won after they were
-- lost, inquiries as chargebacks. The provider is asked about each once more, and what it says takes that back.
UPDATE "payments" SET "next_check_at" = payments_now()
WHERE "next_check_at" IS NULL AND (
  EXISTS (SELECT 1 FROM "disputes" d WHERE d."payment_id" = "payments"."id" AND d."status" <> 'won')
  OR (("capture" = 'manual' OR "adopted") AND EXISTS (
    SELECT 1 FROM "refunds" r WHERE r."payment_id" = "payments"."id" AND r."status" = 'succeeded'))
);
--> statement-breakpoint
-- Recorded wrongly by the version before: months that were paid outside of the provider, told as paid by their
-- subscription, while their payment waits or was given up with it.
UPDATE "subscriptions" SET "next_check_at" = payments_now()
WHERE "provider_subscription_id" IS NOT NULL AND EXISTS (
  SELECT 1 FROM "subscription_periods" p JOIN "payments" y ON y."id" = p."payment_id"
  WHERE p."subscription_id" = "subscriptions"."id" AND (
    (p."paid_at" IS NOT NULL AND y."status" IN ('created', 'pending', 'unknown'))
    OR (p."paid_at" IS NULL AND y."failure" ->> 'reason' = 'subscription_ended'))
);
