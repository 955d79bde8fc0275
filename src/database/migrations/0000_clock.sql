-- The service's clock inside the database. Leases, due times and row times read it, so that no machine's clock
-- decides anything, and a simulation can put its own function in this one's place. STABLE: one value a statement,
-- and usable in index conditions.
create function payments_now() returns timestamptz
  language sql stable parallel safe
  as $$ select statement_timestamp() $$;
