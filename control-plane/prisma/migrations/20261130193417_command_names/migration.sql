-- Events of commands say the name of the thing, where the audit row has one: an id alone tells nobody what was deployed.
SET lock_timeout = '5s';

CREATE OR REPLACE FUNCTION signalbox_command_done() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  INSERT INTO event_inbox (workspace_id, occurred_at, name, resource, related)
  SELECT workspace_id, at, 'command.' || action,
    jsonb_strip_nulls(jsonb_build_object('uuid', target_id, 'kind', target_kind,
      'name', left(coalesce((after->>'flow') || '/' || (after->>'name'), after->>'name', after->>'title', before->>'name', before->>'title'), 300))),
    jsonb_build_array(jsonb_build_object('role', 'actor', 'id', coalesce(actor_id::text, actor_kind), 'name', actor_name, 'kind', actor_kind))
  FROM new_rows WHERE workspace_id IS NOT NULL AND outcome = 'done' AND action NOT IN ('run.create', 'run.create-many', 'event.emit');
  RETURN NULL;
END $$;
