-- Who of the organization of this request cannot sign in: an owner who is off is no owner left. As people_here(): those of the setting alone.
CREATE FUNCTION switched_off_here() RETURNS TABLE (id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT u.id FROM public.organization_member m JOIN public.identity_user u ON u.id = m.user_id
  WHERE u.deactivated_at IS NOT NULL
    AND m.organization_id = coalesce(nullif(current_setting('signalbox.organization', true), '')::uuid,
      (SELECT w.organization_id FROM public.workspace w WHERE w.id = nullif(current_setting('signalbox.workspace', true), '')::uuid))
$$;
REVOKE ALL ON FUNCTION switched_off_here() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION switched_off_here() TO signalbox_app;
