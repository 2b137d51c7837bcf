-- What the auditor of schedules finds becomes an event, in its transaction: somebody can be told.
SET lock_timeout = '5s';

CREATE FUNCTION signalbox_schedule_finding() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  INSERT INTO event_inbox (workspace_id, occurred_at, name, resource, payload)
  SELECT n.workspace_id, n.found_at, 'schedule.fire-' || CASE n.kind WHEN 'missing' THEN 'missing' ELSE 'extra' END,
    jsonb_build_object('uuid', n.schedule_id, 'kind', 'schedule', 'name', s.slug, 'deployment', f.name || '/' || d.name),
    jsonb_build_object('fireAt', n.fire_at)
  FROM new_rows n JOIN schedule s ON s.id = n.schedule_id JOIN deployment d ON d.id = s.deployment_id JOIN flow f ON f.id = d.flow_id;
  RETURN NULL;
END $$;
CREATE TRIGGER events AFTER INSERT ON schedule_audit_finding REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION signalbox_schedule_finding();
