-- What stands around a record: activities, comments, followers, tasks, notifications, files; and saved views.
create table activities (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  record_id uuid not null,
  kind text not null check (kind in ('call', 'email', 'meeting', 'note')),
  subject text not null,
  body text not null,
  at timestamptz not null,
  minutes integer check (minutes >= 0),
  participants text[] not null,
  corrects uuid,
  channel text not null,
  created_by uuid not null,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, record_id) references records (tenant_id, id) on delete cascade,
  foreign key (tenant_id, corrects) references activities (tenant_id, id) on delete cascade
);
create index activities_record_idx on activities (tenant_id, record_id, at, id);
create index activities_corrects_idx on activities (tenant_id, corrects) where corrects is not null;
comment on table activities is 'Calls, e-mails, meetings and notes of a record. Never changed: a correction is an entry of its own that names the first. They go with the record when it is purged.';
create trigger activities_append_only before update on activities for each row execute function app_refuse_change();
select app_protect('activities', 'select, insert');

create table comments (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  record_id uuid not null,
  body text not null,
  mentions uuid[] not null,
  created_by uuid not null,
  created_at timestamptz not null,
  edited_at timestamptz,
  deleted_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, record_id) references records (tenant_id, id) on delete cascade
);
create index comments_record_idx on comments (tenant_id, record_id, id);
comment on table comments is 'What members say about a record. A deleted comment keeps its place and loses its words.';
select app_protect('comments', 'select, insert, update');

create table followers (
  tenant_id uuid not null references tenants (id) on delete cascade,
  record_id uuid not null,
  user_id uuid not null,
  created_at timestamptz not null,
  primary key (tenant_id, record_id, user_id),
  foreign key (tenant_id, record_id) references records (tenant_id, id) on delete cascade,
  foreign key (tenant_id, user_id) references memberships (tenant_id, user_id)
);
comment on table followers is 'Who wants to be told when a record changes.';
select app_protect('followers', 'select, insert, delete');

create table tasks (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  version integer not null default 1,
  title text not null,
  body text not null,
  priority text not null check (priority in ('low', 'normal', 'high')),
  due_at timestamptz,
  reminder_at timestamptz,
  reminded_at timestamptz,
  done_at timestamptz,
  assignee uuid not null,
  record_id uuid,
  created_by uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, assignee) references memberships (tenant_id, user_id),
  foreign key (tenant_id, record_id) references records (tenant_id, id) on delete cascade
);
create index tasks_assignee_idx on tasks (tenant_id, assignee, due_at, id) where done_at is null;
create index tasks_created_by_idx on tasks (tenant_id, created_by, due_at, id) where done_at is null;
create index tasks_record_idx on tasks (tenant_id, record_id, due_at, id) where record_id is not null;
create index tasks_reminder_idx on tasks (tenant_id, reminder_at) where reminder_at is not null and reminded_at is null and done_at is null;
comment on table tasks is 'What somebody is to do, of a record or of none. reminded_at says that the reminder of reminder_at has been given.';
select app_protect('tasks', 'select, insert, update');

create table notifications (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  user_id uuid not null,
  kind text not null check (kind in ('mention', 'change', 'reminder', 'task')),
  what text not null,
  record_id uuid,
  source_id uuid not null,
  by_id uuid,
  at timestamptz not null,
  read_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, user_id) references memberships (tenant_id, user_id),
  foreign key (tenant_id, record_id) references records (tenant_id, id) on delete cascade
);
create index notifications_user_idx on notifications (tenant_id, user_id, id);
create index notifications_record_idx on notifications (tenant_id, record_id) where record_id is not null;
create unique index notifications_source_key on notifications (tenant_id, user_id, kind, source_id) where kind <> 'reminder';
comment on table notifications is 'What a member is told. It carries no values of the record: who may not read the record is not shown it. source_id is the comment, event or task.';
select app_protect('notifications', 'select, insert, update, delete');

create table file_contents (
  tenant_id uuid not null references tenants (id) on delete cascade,
  hash text not null,
  size bigint not null,
  stored_at timestamptz not null,
  primary key (tenant_id, hash)
);
comment on table file_contents is 'Contents that the file store holds for a tenant, by SHA-256; the row is locked while its content is stored or removed.';
select app_protect('file_contents', 'select, insert, update, delete');

create table files (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  hash text not null,
  size bigint not null,
  name text not null,
  media_type text not null,
  uploaded_by uuid not null,
  uploaded_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, hash) references file_contents (tenant_id, hash)
);
create index files_hash_idx on files (tenant_id, hash);
create index files_uploaded_idx on files (tenant_id, uploaded_by, id);
comment on table files is 'Uploaded files. media_type is what the content says, not what the sender said.';
-- update only so that a file's row can be locked while it is decided whether any record wants it.
select app_protect('files', 'select, insert, update, delete');

create table file_links (
  tenant_id uuid not null references tenants (id) on delete cascade,
  record_id uuid not null,
  field smallint not null,
  file_id uuid not null,
  added_by uuid not null,
  added_at timestamptz not null,
  primary key (tenant_id, record_id, field, file_id),
  foreign key (tenant_id, record_id) references records (tenant_id, id) on delete cascade,
  foreign key (tenant_id, file_id) references files (tenant_id, id)
);
create index file_links_file_idx on file_links (tenant_id, file_id);
comment on table file_links is 'Which records refer to a file. field is module_fields.number, or 0 for an attachment.';
select app_protect('file_links', 'select, insert, delete');

create table saved_views (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  version integer not null default 1,
  module smallint not null,
  label text not null,
  owner_id uuid not null,
  visibility text not null check (visibility in ('private', 'role', 'everyone')),
  role text,
  default_for text,
  definition jsonb not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, module) references modules (tenant_id, number) on delete cascade,
  foreign key (tenant_id, owner_id) references memberships (tenant_id, user_id)
);
create index saved_views_module_idx on saved_views (tenant_id, module, id);
create unique index saved_views_default_key on saved_views (tenant_id, module, default_for) where default_for is not null;
comment on table saved_views is 'Views that people made of a module: definition holds columns, filter, sort and grouping. default_for is the role whose list opens with it.';
select app_protect('saved_views', 'select, insert, update, delete');

-- Followers are told of each event once: the worker marks those that it has gone through. What happened before
-- somebody could follow is marked already.
alter table events add column noticed boolean not null default true;
alter table events alter column noticed set default false;
create index events_unnoticed_idx on events (tenant_id, id) where not noticed and kind <> 'record.created';
comment on column events.noticed is 'The followers of the record have been told. Of new records nobody is told, so theirs stays as it is.';
grant update on events to trellis_app;

select app_distribute('activities', 'tenant');
select app_distribute('comments', 'tenant');
select app_distribute('followers', 'tenant');
select app_distribute('tasks', 'tenant');
select app_distribute('notifications', 'tenant');
select app_distribute('file_contents', 'tenant');
select app_distribute('files', 'tenant');
select app_distribute('file_links', 'tenant');
select app_distribute('saved_views', 'tenant');
