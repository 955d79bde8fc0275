ALTER TABLE "payments" ADD COLUMN "revision" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "order_slots" ADD COLUMN "revision" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE FUNCTION payments_raise_revision() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.revision := OLD.revision + 1; RETURN NEW; END $$;--> statement-breakpoint
CREATE TRIGGER payments_revision BEFORE UPDATE ON "payments" FOR EACH ROW EXECUTE FUNCTION payments_raise_revision();--> statement-breakpoint
CREATE TRIGGER order_slots_revision BEFORE UPDATE ON "order_slots" FOR EACH ROW EXECUTE FUNCTION payments_raise_revision();
