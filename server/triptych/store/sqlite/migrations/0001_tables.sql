-- Instants are two columns, seconds and nanoseconds since 1970: see store/sql/instants.py.

CREATE TABLE organizations (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL
) WITHOUT ROWID;

-- seq: who was added first.
CREATE TABLE users (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  organization_id TEXT NOT NULL,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  avatar_url TEXT NOT NULL,
  role TEXT NOT NULL,
  status INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  created_at_nanos INTEGER NOT NULL
);
CREATE INDEX users_administrators ON users (seq) WHERE role = 'administrator' AND status = 1;

CREATE TABLE service_accounts (
  id TEXT PRIMARY KEY NOT NULL,
  organization_id TEXT NOT NULL,
  name TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE groups (
  id TEXT PRIMARY KEY NOT NULL,
  organization_id TEXT NOT NULL,
  name TEXT NOT NULL,
  member_ids TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE group_members (
  member_id TEXT NOT NULL,
  group_id TEXT NOT NULL,
  PRIMARY KEY (member_id, group_id)
) WITHOUT ROWID;
CREATE INDEX group_members_groups ON group_members (group_id);

CREATE TABLE runners (
  id TEXT PRIMARY KEY NOT NULL,
  organization_id TEXT NOT NULL,
  name TEXT NOT NULL,
  kind INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE environment_classes (
  id TEXT PRIMARY KEY NOT NULL,
  organization_id TEXT NOT NULL,
  runner_id TEXT NOT NULL,
  runner_kind INTEGER NOT NULL,
  name TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE environments (
  id TEXT PRIMARY KEY NOT NULL,
  organization_id TEXT NOT NULL,
  creator_id TEXT NOT NULL,
  creator_principal INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  created_at_nanos INTEGER NOT NULL,
  project_id TEXT NOT NULL,
  environment_class_id TEXT NOT NULL,
  initializer BLOB,
  devcontainer_file_path TEXT NOT NULL,
  automations_file_path TEXT NOT NULL
);
CREATE INDEX environments_created ON environments (created_at, created_at_nanos, project_id);
CREATE INDEX environments_made
  ON environments (project_id, creator_principal, creator_id, created_at, created_at_nanos, id);

-- The latest environment of each user who made some from a project.
CREATE TABLE project_users (
  project_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_at_nanos INTEGER NOT NULL,
  environment_id TEXT NOT NULL,
  PRIMARY KEY (project_id, user_id)
) WITHOUT ROWID;
CREATE INDEX project_users_latest
  ON project_users (project_id, created_at, created_at_nanos, environment_id, user_id);

CREATE TABLE tokens (
  id TEXT PRIMARY KEY NOT NULL,
  organization_id TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  owner_principal INTEGER NOT NULL,
  creator_id TEXT NOT NULL,
  creator_principal INTEGER NOT NULL,
  digest BLOB NOT NULL,
  description TEXT NOT NULL,
  read_only INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  created_at_nanos INTEGER NOT NULL,
  expires_at INTEGER,
  expires_at_nanos INTEGER,
  last_used INTEGER,
  last_used_nanos INTEGER,
  held_size INTEGER NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX tokens_digest ON tokens (digest);
CREATE INDEX tokens_created ON tokens (organization_id, created_at, created_at_nanos, id);
CREATE INDEX tokens_owned ON tokens (organization_id, owner_id, created_at, created_at_nanos, id);

CREATE TABLE projects (
  id TEXT PRIMARY KEY NOT NULL,
  organization_id TEXT NOT NULL,
  name TEXT NOT NULL,
  creator_id TEXT NOT NULL,
  creator_principal INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  created_at_nanos INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  updated_at_nanos INTEGER NOT NULL,
  initializer BLOB NOT NULL,
  devcontainer_file_path TEXT NOT NULL,
  automations_file_path TEXT NOT NULL,
  technical_description TEXT NOT NULL,
  prebuild_configuration BLOB,
  recommended_editors BLOB,
  environment_classes TEXT NOT NULL,
  editor_group_ids TEXT NOT NULL,
  admin_group_ids TEXT NOT NULL,
  version INTEGER NOT NULL,
  held_size INTEGER NOT NULL,
  popularity INTEGER NOT NULL DEFAULT 0,
  unpopularity INTEGER GENERATED ALWAYS AS (-popularity) VIRTUAL
);
CREATE INDEX projects_ids ON projects (organization_id, id);
-- Ties go newest first either way: so the ascending order is this index of the negative read backwards.
CREATE INDEX projects_popularity ON projects (organization_id, popularity, id);
CREATE INDEX projects_unpopularity ON projects (organization_id, unpopularity, id);
CREATE INDEX projects_popular ON projects (id) WHERE popularity <> 0;
CREATE INDEX projects_creators ON projects (organization_id, creator_id, id);

-- What lists are filtered by that a project has several of.
CREATE TABLE project_keys (
  project_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (project_id, kind, value)
) WITHOUT ROWID;
CREATE INDEX project_keys_values ON project_keys (kind, value, project_id);

-- What a search looks at.
CREATE TABLE project_texts (
  seq INTEGER PRIMARY KEY,
  project_id TEXT NOT NULL,
  text TEXT NOT NULL,
  UNIQUE (project_id, text)
);
CREATE VIRTUAL TABLE project_grams USING fts5 (
  text, tokenize = 'trigram case_sensitive 1', columnsize = 0, content = 'project_texts', content_rowid = 'seq'
);
CREATE TRIGGER project_texts_added AFTER INSERT ON project_texts BEGIN
  INSERT INTO project_grams (rowid, text) VALUES (new.seq, new.text);
END;
CREATE TRIGGER project_texts_removed AFTER DELETE ON project_texts BEGIN
  INSERT INTO project_grams (project_grams, rowid, text) VALUES ('delete', old.seq, old.text);
END;

CREATE TABLE documents (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  organization_id TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  owner_principal INTEGER NOT NULL,
  creator_id TEXT NOT NULL,
  creator_principal INTEGER NOT NULL,
  title TEXT NOT NULL,
  description TEXT,
  access_level INTEGER NOT NULL,
  processing_status INTEGER NOT NULL,
  source_format TEXT NOT NULL,
  current_version_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_at_nanos INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  updated_at_nanos INTEGER NOT NULL,
  trashed_at INTEGER,
  trashed_at_nanos INTEGER,
  is_demo INTEGER NOT NULL,
  grants TEXT NOT NULL,
  file_bytes INTEGER NOT NULL,
  version INTEGER NOT NULL,
  held_size INTEGER NOT NULL,
  title_folded TEXT NOT NULL,
  description_folded TEXT,
  is_private INTEGER GENERATED ALWAYS AS (access_level = 1) VIRTUAL,
  is_trashed INTEGER GENERATED ALWAYS AS (trashed_at IS NOT NULL) VIRTUAL
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

CREATE VIRTUAL TABLE document_grams USING fts5 (
  title_folded, description_folded,
  tokenize = 'trigram case_sensitive 1', columnsize = 0, content = 'documents', content_rowid = 'seq'
);
CREATE TRIGGER documents_added AFTER INSERT ON documents BEGIN
  INSERT INTO document_grams (rowid, title_folded, description_folded)
    VALUES (new.seq, new.title_folded, new.description_folded);
END;
CREATE TRIGGER documents_removed AFTER DELETE ON documents BEGIN
  INSERT INTO document_grams (document_grams, rowid, title_folded, description_folded)
    VALUES ('delete', old.seq, old.title_folded, old.description_folded);
END;
CREATE TRIGGER documents_changed AFTER UPDATE ON documents
  WHEN old.title_folded IS NOT new.title_folded OR old.description_folded IS NOT new.description_folded
BEGIN
  INSERT INTO document_grams (document_grams, rowid, title_folded, description_folded)
    VALUES ('delete', old.seq, old.title_folded, old.description_folded);
  INSERT INTO document_grams (rowid, title_folded, description_folded)
    VALUES (new.seq, new.title_folded, new.description_folded);
END;

-- The last grant to each recipient, with what lists are sorted by.
CREATE TABLE document_grants (
  document_id TEXT NOT NULL,
  recipient_id TEXT NOT NULL,
  is_trashed INTEGER NOT NULL,
  granted_at INTEGER NOT NULL,
  granted_at_nanos INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  created_at_nanos INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  updated_at_nanos INTEGER NOT NULL,
  title_folded TEXT NOT NULL,
  title TEXT NOT NULL,
  PRIMARY KEY (document_id, recipient_id)
) WITHOUT ROWID;
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
  id TEXT PRIMARY KEY NOT NULL,
  document_id TEXT NOT NULL,
  creator_id TEXT NOT NULL,
  creator_principal INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  created_at_nanos INTEGER NOT NULL,
  source_format TEXT NOT NULL,
  file_name TEXT NOT NULL,
  size INTEGER NOT NULL,
  title TEXT,
  description TEXT,
  content_hash BLOB NOT NULL,
  processing_status INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX document_versions_unprocessed ON document_versions (created_at, created_at_nanos, id)
  WHERE processing_status = 1;

CREATE TABLE contents (
  version_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  data BLOB NOT NULL,
  UNIQUE (version_id, number)
);

CREATE TABLE views (
  id TEXT PRIMARY KEY NOT NULL,
  document_id TEXT NOT NULL,
  viewer_id TEXT NOT NULL,
  viewed_at INTEGER NOT NULL,
  viewed_at_nanos INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX views_viewed ON views (viewer_id, viewed_at, viewed_at_nanos, document_id);

CREATE TABLE secret_keys (
  purpose TEXT PRIMARY KEY NOT NULL,
  key BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE jobs (
  name TEXT PRIMARY KEY NOT NULL,
  claimed_until INTEGER NOT NULL,
  claimed_until_nanos INTEGER NOT NULL
) WITHOUT ROWID;

-- Counts the changes of tokens, users and service accounts.
CREATE TABLE credential_changes (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  version INTEGER NOT NULL
);
INSERT INTO credential_changes VALUES (1, 0);

-- What each organization has of the tables that there is a quota for.
CREATE TABLE held (
  kind TEXT NOT NULL,
  organization_id TEXT NOT NULL,
  held_count INTEGER NOT NULL,
  held_size INTEGER NOT NULL,
  PRIMARY KEY (kind, organization_id)
) WITHOUT ROWID;
CREATE TRIGGER documents_held_added AFTER INSERT ON documents BEGIN
  INSERT INTO held VALUES ('documents', new.organization_id, 1, new.held_size)
    ON CONFLICT (kind, organization_id) DO UPDATE SET held_count = held_count + 1, held_size = held_size + excluded.held_size;
END;
CREATE TRIGGER documents_held_removed AFTER DELETE ON documents BEGIN
  UPDATE held SET held_count = held_count - 1, held_size = held_size - old.held_size
    WHERE kind = 'documents' AND organization_id = old.organization_id;
END;
CREATE TRIGGER documents_held_changed AFTER UPDATE ON documents
  WHEN old.held_size <> new.held_size OR old.organization_id <> new.organization_id
BEGIN
  UPDATE held SET held_count = held_count - 1, held_size = held_size - old.held_size
    WHERE kind = 'documents' AND organization_id = old.organization_id;
  INSERT INTO held VALUES ('documents', new.organization_id, 1, new.held_size)
    ON CONFLICT (kind, organization_id) DO UPDATE SET held_count = held_count + 1, held_size = held_size + excluded.held_size;
END;
CREATE TRIGGER projects_held_added AFTER INSERT ON projects BEGIN
  INSERT INTO held VALUES ('projects', new.organization_id, 1, new.held_size)
    ON CONFLICT (kind, organization_id) DO UPDATE SET held_count = held_count + 1, held_size = held_size + excluded.held_size;
END;
CREATE TRIGGER projects_held_removed AFTER DELETE ON projects BEGIN
  UPDATE held SET held_count = held_count - 1, held_size = held_size - old.held_size
    WHERE kind = 'projects' AND organization_id = old.organization_id;
END;
CREATE TRIGGER projects_held_changed AFTER UPDATE ON projects
  WHEN old.held_size <> new.held_size OR old.organization_id <> new.organization_id
BEGIN
  UPDATE held SET held_count = held_count - 1, held_size = held_size - old.held_size
    WHERE kind = 'projects' AND organization_id = old.organization_id;
  INSERT INTO held VALUES ('projects', new.organization_id, 1, new.held_size)
    ON CONFLICT (kind, organization_id) DO UPDATE SET held_count = held_count + 1, held_size = held_size + excluded.held_size;
END;
CREATE TRIGGER tokens_held_added AFTER INSERT ON tokens BEGIN
  INSERT INTO held VALUES ('tokens', new.organization_id, 1, new.held_size)
    ON CONFLICT (kind, organization_id) DO UPDATE SET held_count = held_count + 1, held_size = held_size + excluded.held_size;
END;
CREATE TRIGGER tokens_held_removed AFTER DELETE ON tokens BEGIN
  UPDATE held SET held_count = held_count - 1, held_size = held_size - old.held_size
    WHERE kind = 'tokens' AND organization_id = old.organization_id;
END;
CREATE TRIGGER tokens_held_changed AFTER UPDATE ON tokens
  WHEN old.held_size <> new.held_size OR old.organization_id <> new.organization_id
BEGIN
  UPDATE held SET held_count = held_count - 1, held_size = held_size - old.held_size
    WHERE kind = 'tokens' AND organization_id = old.organization_id;
  INSERT INTO held VALUES ('tokens', new.organization_id, 1, new.held_size)
    ON CONFLICT (kind, organization_id) DO UPDATE SET held_count = held_count + 1, held_size = held_size + excluded.held_size;
END;
