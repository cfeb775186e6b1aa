-- Instants are two columns, seconds and nanoseconds since 1970: see store/sql/instants.py.

CREATE TABLE organizations (
  id text COLLATE "C" PRIMARY KEY,
  name text COLLATE "C" NOT NULL
);

-- seq: who was added first.
CREATE TABLE users (
  seq bigint GENERATED ALWAYS AS IDENTITY,
  id text COLLATE "C" PRIMARY KEY,
  organization_id text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  email text COLLATE "C" NOT NULL,
  avatar_url text COLLATE "C" NOT NULL,
  role text COLLATE "C" NOT NULL,
  status bigint NOT NULL,
  created_at bigint NOT NULL,
  created_at_nanos bigint NOT NULL
);
CREATE INDEX users_administrators ON users (seq) WHERE role = 'administrator' AND status = 1;

CREATE TABLE service_accounts (
  id text COLLATE "C" PRIMARY KEY,
  organization_id text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL
);

CREATE TABLE groups (
  id text COLLATE "C" PRIMARY KEY,
  organization_id text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  member_ids text COLLATE "C" NOT NULL
);

CREATE TABLE group_members (
  member_id text COLLATE "C" NOT NULL,
  group_id text COLLATE "C" NOT NULL,
  PRIMARY KEY (member_id, group_id)
);
CREATE INDEX group_members_groups ON group_members (group_id);

CREATE TABLE runners (
  id text COLLATE "C" PRIMARY KEY,
  organization_id text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  kind bigint NOT NULL
);

CREATE TABLE environment_classes (
  id text COLLATE "C" PRIMARY KEY,
  organization_id text COLLATE "C" NOT NULL,
  runner_id text COLLATE "C" NOT NULL,
  runner_kind bigint NOT NULL,
  name text COLLATE "C" NOT NULL
);

CREATE TABLE environments (
  id text COLLATE "C" PRIMARY KEY,
  organization_id text COLLATE "C" NOT NULL,
  creator_id text COLLATE "C" NOT NULL,
  creator_principal bigint NOT NULL,
  created_at bigint NOT NULL,
  created_at_nanos bigint NOT NULL,
  project_id text COLLATE "C" NOT NULL,
  environment_class_id text COLLATE "C" NOT NULL,
  initializer bytea,
  devcontainer_file_path text COLLATE "C" NOT NULL,
  automations_file_path text COLLATE "C" NOT NULL
);
CREATE INDEX environments_created ON environments (created_at, created_at_nanos, project_id);
CREATE INDEX environments_made
  ON environments (project_id, creator_principal, creator_id, created_at, created_at_nanos, id);

-- The latest environment of each user who made some from a project.
CREATE TABLE project_users (
  project_id text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  created_at_nanos bigint NOT NULL,
  environment_id text COLLATE "C" NOT NULL,
  PRIMARY KEY (project_id, user_id)
);
CREATE INDEX project_users_latest
  ON project_users (project_id, created_at, created_at_nanos, environment_id, user_id);

CREATE TABLE tokens (
  id text COLLATE "C" PRIMARY KEY,
  organization_id text COLLATE "C" NOT NULL,
  owner_id text COLLATE "C" NOT NULL,
  owner_principal bigint NOT NULL,
  creator_id text COLLATE "C" NOT NULL,
  creator_principal bigint NOT NULL,
  digest bytea NOT NULL,
  description text COLLATE "C" NOT NULL,
  read_only boolean NOT NULL,
  created_at bigint NOT NULL,
  created_at_nanos bigint NOT NULL,
  expires_at bigint,
  expires_at_nanos bigint,
  last_used bigint,
  last_used_nanos bigint,
  held_size bigint NOT NULL
);
CREATE UNIQUE INDEX tokens_digest ON tokens (digest);
CREATE INDEX tokens_created ON tokens (organization_id, created_at, created_at_nanos, id);
CREATE INDEX tokens_owned ON tokens (organization_id, owner_id, created_at, created_at_nanos, id);

CREATE TABLE projects (
  id text COLLATE "C" PRIMARY KEY,
  organization_id text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  creator_id text COLLATE "C" NOT NULL,
  creator_principal bigint NOT NULL,
  created_at bigint NOT NULL,
  created_at_nanos bigint NOT NULL,
  updated_at bigint NOT NULL,
  updated_at_nanos bigint NOT NULL,
  initializer bytea NOT NULL,
  devcontainer_file_path text COLLATE "C" NOT NULL,
  automations_file_path text COLLATE "C" NOT NULL,
  technical_description text COLLATE "C" NOT NULL,
  prebuild_configuration bytea,
  recommended_editors bytea,
  environment_classes text COLLATE "C" NOT NULL,
  editor_group_ids text COLLATE "C" NOT NULL,
  admin_group_ids text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  held_size bigint NOT NULL,
  popularity bigint NOT NULL DEFAULT 0,
  unpopularity bigint GENERATED ALWAYS AS (-popularity) STORED
);
CREATE INDEX projects_ids ON projects (organization_id, id);
-- Ties go newest first either way: so the ascending order is this index of the negative read backwards.
CREATE INDEX projects_popularity ON projects (organization_id, popularity, id);
CREATE INDEX projects_unpopularity ON projects (organization_id, unpopularity, id);
CREATE INDEX projects_popular ON projects (id) WHERE popularity <> 0;
CREATE INDEX projects_creators ON projects (organization_id, creator_id, id);

-- What lists are filtered by that a project has several of.
CREATE TABLE project_keys (
  project_id text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  value text COLLATE "C" NOT NULL,
  PRIMARY KEY (project_id, kind, value)
);
CREATE INDEX project_keys_values ON project_keys (kind, value, project_id);

-- What a search looks at.
CREATE TABLE project_texts (
  project_id text COLLATE "C" NOT NULL,
  text text COLLATE "C" NOT NULL,
  PRIMARY KEY (project_id, text)
);

CREATE TABLE documents (
  id text COLLATE "C" PRIMARY KEY,
  organization_id text COLLATE "C" NOT NULL,
  owner_id text COLLATE "C" NOT NULL,
  owner_principal bigint NOT NULL,
  creator_id text COLLATE "C" NOT NULL,
  creator_principal bigint NOT NULL,
  title text COLLATE "C" NOT NULL,
  description text COLLATE "C",
  access_level bigint NOT NULL,
  processing_status bigint NOT NULL,
  source_format text COLLATE "C" NOT NULL,
  current_version_id text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  created_at_nanos bigint NOT NULL,
  updated_at bigint NOT NULL,
  updated_at_nanos bigint NOT NULL,
  trashed_at bigint,
  trashed_at_nanos bigint,
  is_demo boolean NOT NULL,
  grants text COLLATE "C" NOT NULL,
  file_bytes bigint NOT NULL,
  version bigint NOT NULL,
  held_size bigint NOT NULL,
  title_folded text COLLATE "C" NOT NULL,
  description_folded text COLLATE "C",
  is_private boolean GENERATED ALWAYS AS (access_level = 1) STORED,
  is_trashed boolean GENERATED ALWAYS AS (trashed_at IS NOT NULL) STORED
);
-- Lists walk along ranges of these: of an organization, and of an owner.
CREATE INDEX documents_created
  ON documents (organization_id, is_private, is_trashed, created_at, created_at_nanos, id);
CREATE INDEX documents_updated
  ON documents (organization_id, is_private, is_trashed, updated_at, updated_at_nanos, id);
CREATE INDEX documents_named ON documents (organization_id, is_private, is_trashed, title_folded, title, id);
CREATE INDEX documents_ids ON documents (organization_id, is_private, is_trashed, id);
CREATE INDEX documents_owned_created ON documents (owner_id, is_trashed, created_at, created_at_nanos, id);
CREATE INDEX documents_owned_updated ON documents (owner_id, is_trashed, updated_at, updated_at_nanos, id);
CREATE INDEX documents_owned_named ON documents (owner_id, is_trashed, title_folded, title, id);
CREATE INDEX documents_owned_ids ON documents (owner_id, is_trashed, id);
-- Where few documents can pass a filter, they are gathered by these.
CREATE INDEX documents_creators ON documents (creator_id, id);
CREATE INDEX documents_formats ON documents (source_format, organization_id, id);
CREATE INDEX documents_statuses ON documents (processing_status, organization_id, id)
  WHERE processing_status <> 2;

-- The last grant to each recipient, with what lists are sorted by.
CREATE TABLE document_grants (
  document_id text COLLATE "C" NOT NULL,
  recipient_id text COLLATE "C" NOT NULL,
  is_trashed boolean NOT NULL,
  granted_at bigint NOT NULL,
  granted_at_nanos bigint NOT NULL,
  created_at bigint NOT NULL,
  created_at_nanos bigint NOT NULL,
  updated_at bigint NOT NULL,
  updated_at_nanos bigint NOT NULL,
  title_folded text COLLATE "C" NOT NULL,
  title text COLLATE "C" NOT NULL,
  PRIMARY KEY (document_id, recipient_id)
);
CREATE INDEX document_grants_created
  ON document_grants (recipient_id, is_trashed, created_at, created_at_nanos, document_id);
CREATE INDEX document_grants_updated
  ON document_grants (recipient_id, is_trashed, updated_at, updated_at_nanos, document_id);
CREATE INDEX document_grants_named
  ON document_grants (recipient_id, is_trashed, title_folded, title, document_id);
CREATE INDEX document_grants_ids ON document_grants (recipient_id, is_trashed, document_id);
CREATE INDEX document_grants_granted
  ON document_grants (recipient_id, granted_at, granted_at_nanos, document_id);

CREATE TABLE document_versions (
  id text COLLATE "C" PRIMARY KEY,
  document_id text COLLATE "C" NOT NULL,
  creator_id text COLLATE "C" NOT NULL,
  creator_principal bigint NOT NULL,
  created_at bigint NOT NULL,
  created_at_nanos bigint NOT NULL,
  source_format text COLLATE "C" NOT NULL,
  file_name text COLLATE "C" NOT NULL,
  size bigint NOT NULL,
  title text COLLATE "C",
  description text COLLATE "C",
  content_hash bytea NOT NULL,
  processing_status bigint NOT NULL
);
CREATE INDEX document_versions_unprocessed ON document_versions (created_at, created_at_nanos, id)
  WHERE processing_status = 1;

CREATE TABLE contents (
  version_id text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  data bytea STORAGE EXTERNAL NOT NULL,
  PRIMARY KEY (version_id, number)
);

CREATE TABLE views (
  id text COLLATE "C" PRIMARY KEY,
  document_id text COLLATE "C" NOT NULL,
  viewer_id text COLLATE "C" NOT NULL,
  viewed_at bigint NOT NULL,
  viewed_at_nanos bigint NOT NULL
);
CREATE INDEX views_viewed ON views (viewer_id, viewed_at, viewed_at_nanos, document_id);

CREATE TABLE secret_keys (
  purpose text COLLATE "C" PRIMARY KEY,
  key bytea NOT NULL
);

CREATE TABLE jobs (
  name text COLLATE "C" PRIMARY KEY,
  claimed_until bigint NOT NULL,
  claimed_until_nanos bigint NOT NULL
);

-- Texts are searched by runs of three characters, where the server has the extension; else by looking at all.
DO $$
BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
  CREATE INDEX documents_titles ON documents USING gin (title_folded gin_trgm_ops);
  CREATE INDEX documents_descriptions ON documents USING gin (description_folded gin_trgm_ops);
  CREATE INDEX project_texts_grams ON project_texts USING gin (text gin_trgm_ops);
EXCEPTION WHEN OTHERS THEN
  RAISE WARNING 'no index for searches: %', SQLERRM;
END
$$;

-- What each organization has of the tables that there is a quota for; in several rows, as those who write at
-- once would wait for each other's.
CREATE TABLE held (
  kind text COLLATE "C" NOT NULL,
  organization_id text COLLATE "C" NOT NULL,
  shard integer NOT NULL,
  held_count bigint NOT NULL,
  held_size bigint NOT NULL,
  PRIMARY KEY (kind, organization_id, shard)
);
CREATE FUNCTION note_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO held VALUES (TG_TABLE_NAME, old.organization_id, pg_backend_pid() % 64, -1, -old.held_size)
      ON CONFLICT (kind, organization_id, shard) DO UPDATE
      SET held_count = held.held_count - 1, held_size = held.held_size + excluded.held_size;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO held VALUES (TG_TABLE_NAME, new.organization_id, pg_backend_pid() % 64, 1, new.held_size)
      ON CONFLICT (kind, organization_id, shard) DO UPDATE
      SET held_count = held.held_count + 1, held_size = held.held_size + excluded.held_size;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER documents_held AFTER INSERT OR DELETE ON documents FOR EACH ROW EXECUTE FUNCTION note_held();
CREATE TRIGGER documents_held_changed AFTER UPDATE ON documents FOR EACH ROW
  WHEN (old.held_size <> new.held_size OR old.organization_id <> new.organization_id)
  EXECUTE FUNCTION note_held();
CREATE TRIGGER projects_held AFTER INSERT OR DELETE ON projects FOR EACH ROW EXECUTE FUNCTION note_held();
CREATE TRIGGER projects_held_changed AFTER UPDATE ON projects FOR EACH ROW
  WHEN (old.held_size <> new.held_size OR old.organization_id <> new.organization_id)
  EXECUTE FUNCTION note_held();
CREATE TRIGGER tokens_held AFTER INSERT OR DELETE ON tokens FOR EACH ROW EXECUTE FUNCTION note_held();
CREATE TRIGGER tokens_held_changed AFTER UPDATE ON tokens FOR EACH ROW
  WHEN (old.held_size <> new.held_size OR old.organization_id <> new.organization_id)
  EXECUTE FUNCTION note_held();
