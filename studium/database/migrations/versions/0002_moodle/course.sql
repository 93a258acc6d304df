-- The course: its parts, what can be read in it, and the backups it came in.
create table raw.sites (
    site_id text primary key,
    wwwroot text not null,
    identifier_hash text,
    moodle_release text,
    timezone text
);
create table raw.course_backups (
    site_id text not null,
    course_id bigint not null,
    sha256 text not null,
    object_path text not null,
    filename text not null,
    byte_size bigint not null,
    moodle_release text,
    backup_at timestamptz not null,
    received_at timestamptz not null default now(),
    primary key (site_id, course_id, sha256)
);
create table raw.courses (
    site_id text not null,
    course_id bigint not null,
    shortname text not null,
    fullname text not null,
    summary text,
    idnumber text,
    category text,
    format text,
    language text,
    start_at timestamptz,
    end_at timestamptz,
    is_visible boolean not null,
    hidden_sections_mode smallint,
    group_mode smallint not null,
    group_mode_forced boolean not null,
    default_grouping_id bigint,
    completion_enabled boolean not null,
    backup_sha256 text not null,
    backup_at timestamptz not null,
    primary key (site_id, course_id)
);
create table raw.sections (
    site_id text not null,
    course_id bigint not null,
    section_id bigint not null,
    number integer not null,
    name text,
    summary text,
    is_visible boolean not null,
    availability jsonb,
    component text,
    item_id bigint,
    parent_module bigint,
    sequence bigint[] not null,
    modified_at timestamptz,
    primary key (site_id, section_id)
);
create table raw.modules (
    site_id text not null,
    course_id bigint not null,
    cmid bigint not null,
    section_id bigint not null,
    modname text not null,
    instance_id bigint,
    name text not null,
    idnumber text,
    position integer not null,
    is_visible boolean not null,
    is_visible_on_page boolean not null,
    group_mode smallint not null,
    grouping_id bigint,
    availability jsonb,
    completion_mode smallint not null,
    completion_expected_at timestamptz,
    added_at timestamptz,
    opens_at timestamptz,
    closes_at timestamptz,
    due_at timestamptz,
    url text not null,
    primary key (site_id, cmid)
);
create table raw.materials (
    site_id text not null,
    course_id bigint not null,
    cmid bigint,
    section_id bigint,
    material_key text not null,
    title text not null,
    heading text,
    filename text,
    media_type text not null,
    byte_size bigint not null,
    content_sha256 text not null,
    object_path text not null,
    group_id bigint,
    time_modified timestamptz,
    url text not null,
    primary key (site_id, course_id, material_key)
);
create table raw.book_chapters (
    site_id text not null,
    course_id bigint not null,
    cmid bigint not null,
    chapter_id bigint not null,
    position integer not null,
    title text not null,
    is_subchapter boolean not null,
    is_hidden boolean not null,
    modified_at timestamptz,
    primary key (site_id, chapter_id)
);
create table raw.glossary_entries (
    site_id text not null,
    course_id bigint not null,
    cmid bigint not null,
    glossary_id bigint not null,
    entry_id bigint not null,
    user_id bigint,
    concept text not null,
    definition text,
    aliases text[] not null,
    is_approved boolean not null,
    is_teacher_entry boolean not null,
    created_at timestamptz,
    modified_at timestamptz,
    primary key (site_id, entry_id)
);
