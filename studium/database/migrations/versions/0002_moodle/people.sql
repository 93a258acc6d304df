-- People of a course, and what a gradebook and completion say of them.
create table raw.users (
    site_id text not null,
    user_id bigint not null,
    username text,
    email text,
    first_name text,
    last_name text,
    idnumber text,
    institution text,
    department text,
    country text,
    language text,
    timezone text,
    is_deleted boolean not null,
    first_access_at timestamptz,
    last_access_at timestamptz,
    seen_at timestamptz not null,
    primary key (site_id, user_id)
);
create table raw.course_users (
    site_id text not null,
    course_id bigint not null,
    user_id bigint not null,
    primary key (site_id, course_id, user_id)
);
create table raw.enrolments (
    site_id text not null,
    course_id bigint not null,
    enrolment_id bigint not null,
    user_id bigint not null,
    method text not null,
    status smallint not null,
    method_status smallint not null,
    starts_at timestamptz,
    ends_at timestamptz,
    modified_at timestamptz,
    primary key (site_id, enrolment_id)
);
create table raw.role_assignments (
    site_id text not null,
    course_id bigint not null,
    assignment_id bigint not null,
    user_id bigint not null,
    role_id bigint not null,
    role text not null,
    archetype text,
    modified_at timestamptz,
    primary key (site_id, assignment_id)
);
create table raw.groups (
    site_id text not null,
    course_id bigint not null,
    group_id bigint not null,
    name text not null,
    idnumber text,
    visibility smallint not null,
    is_participation boolean not null,
    primary key (site_id, group_id)
);
create table raw.group_members (
    site_id text not null,
    course_id bigint not null,
    group_id bigint not null,
    user_id bigint not null,
    added_at timestamptz,
    primary key (site_id, group_id, user_id)
);
create table raw.groupings (
    site_id text not null,
    course_id bigint not null,
    grouping_id bigint not null,
    name text not null,
    idnumber text,
    primary key (site_id, grouping_id)
);
create table raw.grouping_groups (
    site_id text not null,
    course_id bigint not null,
    grouping_id bigint not null,
    group_id bigint not null,
    primary key (site_id, grouping_id, group_id)
);
create table raw.grade_items (
    site_id text not null,
    course_id bigint not null,
    cmid bigint,
    grade_item_id bigint not null,
    item_type text not null,
    item_module text,
    item_instance bigint,
    item_number integer,
    name text,
    category_id bigint,
    grade_type smallint not null,
    grade_max numeric,
    grade_min numeric,
    grade_pass numeric,
    scale_id bigint,
    is_hidden boolean not null,
    position integer,
    primary key (site_id, grade_item_id)
);
create table raw.grades (
    site_id text not null,
    course_id bigint not null,
    cmid bigint,
    grade_id bigint not null,
    grade_item_id bigint not null,
    user_id bigint not null,
    raw_grade numeric,
    final_grade numeric,
    grade_max numeric,
    feedback text,
    is_hidden boolean not null,
    is_overridden boolean not null,
    is_excluded boolean not null,
    created_at timestamptz,
    graded_at timestamptz,
    primary key (site_id, grade_id)
);
create table raw.completions (
    site_id text not null,
    course_id bigint not null,
    cmid bigint not null,
    user_id bigint not null,
    state smallint not null,
    is_viewed boolean,
    completed_at timestamptz,
    primary key (site_id, cmid, user_id)
);
create table raw.course_completions (
    site_id text not null,
    course_id bigint not null,
    user_id bigint not null,
    enrolled_at timestamptz,
    started_at timestamptz,
    completed_at timestamptz,
    primary key (site_id, course_id, user_id)
);
