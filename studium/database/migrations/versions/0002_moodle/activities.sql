-- Assignments, forums, choices.
create table raw.assignments (
    site_id text not null,
    course_id bigint not null,
    cmid bigint not null,
    assignment_id bigint not null,
    name text not null,
    opens_at timestamptz,
    due_at timestamptz,
    cutoff_at timestamptz,
    grading_due_at timestamptz,
    grade_max numeric,
    scale_id bigint,
    attempts_allowed integer,
    is_team boolean not null,
    is_blind boolean not null,
    primary key (site_id, assignment_id)
);
create table raw.assignment_submissions (
    site_id text not null,
    course_id bigint not null,
    cmid bigint not null,
    assignment_id bigint not null,
    submission_id bigint not null,
    user_id bigint,
    group_id bigint,
    attempt_number integer not null,
    is_latest boolean not null,
    status text not null,
    online_text text,
    file_count integer,
    created_at timestamptz,
    modified_at timestamptz,
    primary key (site_id, submission_id)
);
create table raw.assignment_grades (
    site_id text not null,
    course_id bigint not null,
    cmid bigint not null,
    assignment_id bigint not null,
    assignment_grade_id bigint not null,
    user_id bigint not null,
    grader_id bigint,
    attempt_number integer not null,
    grade numeric,
    feedback text,
    created_at timestamptz,
    modified_at timestamptz,
    primary key (site_id, assignment_grade_id)
);
create table raw.forums (
    site_id text not null,
    course_id bigint not null,
    cmid bigint not null,
    forum_id bigint not null,
    type text not null,
    name text not null,
    due_at timestamptz,
    cutoff_at timestamptz,
    primary key (site_id, forum_id)
);
create table raw.forum_discussions (
    site_id text not null,
    course_id bigint not null,
    cmid bigint not null,
    forum_id bigint not null,
    discussion_id bigint not null,
    group_id bigint,
    user_id bigint,
    name text not null,
    first_post_id bigint,
    is_pinned boolean not null,
    starts_at timestamptz,
    ends_at timestamptz,
    modified_at timestamptz,
    primary key (site_id, discussion_id)
);
create table raw.forum_posts (
    site_id text not null,
    course_id bigint not null,
    cmid bigint not null,
    discussion_id bigint not null,
    post_id bigint not null,
    parent_id bigint,
    user_id bigint,
    subject text,
    message text,
    private_reply_to bigint,
    is_deleted boolean not null,
    created_at timestamptz,
    modified_at timestamptz,
    primary key (site_id, post_id)
);
create table raw.choices (
    site_id text not null,
    course_id bigint not null,
    cmid bigint not null,
    choice_id bigint not null,
    name text not null,
    opens_at timestamptz,
    closes_at timestamptz,
    allows_several boolean not null,
    primary key (site_id, choice_id)
);
create table raw.choice_options (
    site_id text not null,
    course_id bigint not null,
    cmid bigint not null,
    choice_id bigint not null,
    option_id bigint not null,
    position integer not null,
    text text,
    max_answers integer,
    primary key (site_id, option_id)
);
create table raw.choice_answers (
    site_id text not null,
    course_id bigint not null,
    cmid bigint not null,
    choice_id bigint not null,
    answer_id bigint not null,
    option_id bigint not null,
    user_id bigint not null,
    modified_at timestamptz,
    primary key (site_id, answer_id)
);
