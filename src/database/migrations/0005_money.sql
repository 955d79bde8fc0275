ALTER TABLE "disputes" ADD COLUMN "inquiry" boolean;--> statement-breakpoint
CREATE INDEX "payments_by_created" ON "payments" USING btree ("created_at","id");