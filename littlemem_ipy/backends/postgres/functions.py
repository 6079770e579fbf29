"""The functions of the tables: who asks, looks into the index, and what the owner of the tables does with spaces.

Each has a search path of its own, so that nothing that a user has made can stand in for what is meant.
"""

from __future__ import annotations

__all__ = ["FUNCTIONS", "LOOKING"]

FUNCTIONS = """
CREATE FUNCTION littlemem.caller() RETURNS name LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    -- Who asks, also inside a function that runs as its owner. Nobody can set a role that is not theirs.
    SELECT CASE current_setting('role') WHEN 'none' THEN session_user ELSE current_setting('role')::name END
$$;
CREATE FUNCTION littlemem.readable(among int[]) RETURNS int[] LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(array_agg(space), '{}') FROM littlemem.members
    WHERE member = littlemem.caller() AND space = ANY (among)
$$;
CREATE FUNCTION littlemem.holding(asked tsquery, among int[], most int) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE mine int[] := littlemem.readable(among);
BEGIN
    RETURN QUERY SELECT m.key FROM littlemem.memories m
        WHERE m.words @@ asked AND m.space = ANY (mine) ORDER BY m.key DESC LIMIT most;
END $$;
CREATE FUNCTION littlemem.frequency(asked tsquery, among int[], most int) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE mine int[] := littlemem.readable(among);
BEGIN
    RETURN (SELECT count(*) FROM (SELECT FROM littlemem.memories m
        WHERE m.words @@ asked AND m.space = ANY (mine) LIMIT most) AS held);
END $$;
CREATE FUNCTION littlemem.home() RETURNS int LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE me name := littlemem.caller(); mine int;
BEGIN
    SELECT space INTO mine FROM littlemem.spaces WHERE name = '~' || me;
    IF mine IS NULL THEN
        INSERT INTO littlemem.spaces (name, kind) VALUES ('~' || me, 'private') ON CONFLICT (name) DO NOTHING;
        SELECT space INTO mine FROM littlemem.spaces WHERE name = '~' || me;
    END IF;
    INSERT INTO littlemem.members (member, space) VALUES (me, mine) ON CONFLICT DO NOTHING;
    RETURN mine;
END $$;
CREATE FUNCTION littlemem.forget(among int[], gone text[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE mine int[]; writable int[];
BEGIN
    -- The words of searches and chats of every member, where they share one with a removed text.
    SELECT coalesce(array_agg(space), '{}') INTO writable FROM littlemem.members
        WHERE member = littlemem.caller() AND space = ANY (among) AND may_write;
    UPDATE littlemem.events SET data = (data::jsonb - 'query')::text
        WHERE space = ANY (writable) AND kind IN ('searched', 'recalled') AND data::jsonb ? 'query'
        AND string_to_array(regexp_replace(lower(data::jsonb ->> 'query'), '\\W+', ' ', 'g'), ' ') && gone;
END $$;
CREATE FUNCTION littlemem.create_space(title text, sort text, people name[]) RETURNS int LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE made int;
BEGIN
    IF title LIKE '~%' OR sort NOT IN ('project', 'team') THEN
        RAISE 'a space is a project or a team, and its name does not begin with ~';
    END IF;
    INSERT INTO littlemem.spaces (name, kind) VALUES (title, sort) RETURNING space INTO made;
    INSERT INTO littlemem.members (member, space) SELECT DISTINCT person, made FROM unnest(people) AS person;
    RETURN made;
END $$;
CREATE FUNCTION littlemem.let_in(person name, title text, writes boolean DEFAULT true) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO littlemem.members (member, space, may_write)
    SELECT person, (SELECT space FROM littlemem.spaces WHERE name = title), writes
    ON CONFLICT (member, space) DO UPDATE SET may_write = excluded.may_write
$$;
CREATE FUNCTION littlemem.let_go(person name, title text) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM littlemem.members WHERE member = person
    AND space = (SELECT space FROM littlemem.spaces WHERE name = title)
$$;
CREATE FUNCTION littlemem.drop_space(title text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE gone int := (SELECT space FROM littlemem.spaces WHERE name = title);
BEGIN
    DELETE FROM littlemem.memories WHERE space = gone;
    DELETE FROM littlemem.events WHERE space = gone;
    DELETE FROM littlemem.vocabulary WHERE space = gone;
    DELETE FROM littlemem.spaces WHERE space = gone;
END $$;
CREATE FUNCTION littlemem.reworded() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM littlemem.vectors WHERE space = new.space AND key = new.key;
    RETURN NULL;
END $$;
CREATE TRIGGER memories_reworded AFTER UPDATE OF title, content ON littlemem.memories FOR EACH ROW
    WHEN (old.title <> new.title OR old.content <> new.content) EXECUTE FUNCTION littlemem.reworded();
"""

LOOKING = """
DROP FUNCTION littlemem.holding(tsquery, int[], int);
DROP FUNCTION littlemem.frequency(tsquery, int[], int);
CREATE FUNCTION littlemem.permitted(asked tsquery[], among int[], mine int[]) RETURNS tsquery LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    -- Of the expressions, one for each space, those of mine whose words are all of their own space.
    SELECT string_agg('(' || a.wanted::text || ')', ' | ')::tsquery FROM unnest(asked, among) AS a (wanted, space)
    WHERE a.space = ANY (mine) AND NOT EXISTS (
        SELECT FROM regexp_matches(a.wanted::text, '''((?:[^'']|'''')*)''', 'g') AS found (word)
        WHERE NOT starts_with(found.word[1], a.space || ' ')
    )
$$;
CREATE FUNCTION littlemem.holding(asked tsquery[], among int[], most int) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE mine int[] := littlemem.readable(among); wanted tsquery := littlemem.permitted(asked, among, mine);
BEGIN
    RETURN QUERY SELECT m.key FROM littlemem.memories m
        WHERE m.words @@ wanted AND m.space = ANY (mine) ORDER BY m.key DESC LIMIT most;
END $$;
CREATE FUNCTION littlemem.frequency(asked tsquery[], among int[], most int) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE mine int[] := littlemem.readable(among); wanted tsquery := littlemem.permitted(asked, among, mine);
BEGIN
    RETURN (SELECT count(*) FROM (SELECT FROM littlemem.memories m
        WHERE m.words @@ wanted AND m.space = ANY (mine) LIMIT most) AS held);
END $$;
"""
