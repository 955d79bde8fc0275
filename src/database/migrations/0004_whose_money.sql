CREATE TABLE "operator_actions" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "operator_actions_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"target" text,
	"detail" jsonb NOT NULL,
	"at" timestamp (3) with time zone DEFAULT payments_now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "disputes" ADD COLUMN "inquiry" boolean;--> statement-breakpoint
ALTER TABLE "webhook_inbox" ADD COLUMN "failing_since" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "webhook_inbox" ADD COLUMN "revived_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "operator_actions_by_target" ON "operator_actions" USING btree ("target");--> statement-breakpoint
CREATE INDEX "payments_by_created" ON "payments" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "webhook_inbox_attention" ON "webhook_inbox" USING btree ("state","id") WHERE state in ('dead', 'quarantined');