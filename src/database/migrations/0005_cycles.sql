ALTER TABLE "subscription_periods" ALTER COLUMN "payment_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "subscription_periods" ADD COLUMN "closed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "subscription_periods" ADD COLUMN "off_cycle" boolean DEFAULT false NOT NULL;