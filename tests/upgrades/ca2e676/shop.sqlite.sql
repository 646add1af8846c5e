BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('b451eb4e1244');
CREATE TABLE comments (
	id INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	paper_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_comments PRIMARY KEY (id), 
	CONSTRAINT fk_comments_author_id FOREIGN KEY(author_id) REFERENCES users (id) ON DELETE RESTRICT, 
	CONSTRAINT fk_comments_paper_id FOREIGN KEY(paper_id) REFERENCES papers (id) ON DELETE RESTRICT, 
	CONSTRAINT ck_comments_created_at_sqlite_type CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*')
);
INSERT INTO "comments" VALUES(1,'First','giwr5d1h1wmtlixwlnft5fe8','w6pb9enfqbhcgg506buw6t3v','2026-11-20 12:00:30.000000');
CREATE TABLE email_verifications (
	id VARCHAR NOT NULL, 
	token VARCHAR NOT NULL, 
	user_id VARCHAR, 
	purpose VARCHAR NOT NULL, 
	email VARCHAR NOT NULL, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	used_at DATETIME, 
	expires_at DATETIME NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_email_verifications PRIMARY KEY (id), 
	CONSTRAINT uq_email_verifications_token UNIQUE (token), 
	CONSTRAINT fk_email_verifications_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE, 
	CONSTRAINT ck_email_verifications_attempts_sqlite_type CHECK (typeof(attempts) IN ('integer', 'null')), 
	CONSTRAINT ck_email_verifications_created_at_sqlite_type CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'), 
	CONSTRAINT ck_email_verifications_email_sqlite_type CHECK (typeof(email) IN ('text', 'null')), 
	CONSTRAINT ck_email_verifications_expires_at_sqlite_type CHECK (expires_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'), 
	CONSTRAINT ck_email_verifications_id_sqlite_type CHECK (typeof(id) IN ('text', 'null')), 
	CONSTRAINT ck_email_verifications_purpose_sqlite_type CHECK (typeof(purpose) IN ('text', 'null')), 
	CONSTRAINT ck_email_verifications_token_sqlite_type CHECK (typeof(token) IN ('text', 'null')), 
	CONSTRAINT ck_email_verifications_used_at_sqlite_type CHECK (used_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'), 
	CONSTRAINT ck_email_verifications_user_id_sqlite_type CHECK (typeof(user_id) IN ('text', 'null'))
);
INSERT INTO "email_verifications" VALUES('ph5kaev0vai7ccq64le5p308','adcbbf55a11425d88faddd20782f8d2cee1ed3df14232d0252d5af9f311848d2','w6pb9enfqbhcgg506buw6t3v','verify_email','ada@example.com',0,NULL,'2026-11-21 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "email_verifications" VALUES('t6wzn45o77gbevkp8o3x1anz','b728b18fdd7ca83d43b2241c6db43a40c528cf016bb5869e688ee6bbd9868a97','w6pb9enfqbhcgg506buw6t3v','not_me','ada@example.com',0,NULL,'2026-11-21 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "email_verifications" VALUES('n63a9jz21c353n3l5r3m6py3','614e51fd748ff20907592aff538976e8c67bfc2154e7cd825ece3918fa6ba211','wdvdnoumpkhd1urk2psmka2k','verify_email','bob@example.com',0,NULL,'2026-11-21 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "email_verifications" VALUES('pbjx02hbvjd352cnjw30itp6','0b026868e6c72f0d65e57991083d63439bbc8dcbd317cca892705f9180825e55','wdvdnoumpkhd1urk2psmka2k','not_me','bob@example.com',0,NULL,'2026-11-21 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "email_verifications" VALUES('v1n8hysmzri23b04ze6ccaly','7caffe1d5af90585967498d8d8e1731befab342afd805971ace40a508361f61d','wdvdnoumpkhd1urk2psmka2k','reset_password','bob@example.com',0,NULL,'2026-11-20 13:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "email_verifications" VALUES('wbj43jjma4z72b3iqblarkq2','2ed657c24ec28f40f884861e3f87cb79475df95cc05b55b54dae87eea23dfd05','wdvdnoumpkhd1urk2psmka2k','verify_email','bob@example.com',0,NULL,'2026-11-21 12:00:30.000000','2026-11-20 12:00:30.000000');
INSERT INTO "email_verifications" VALUES('alrq0zsrt73xjs3kactolws3','60ae074f4e7d1ce9a0f9de4a7e9cbf54111006a2a963b3df04b36942d4d5aa7f','wdvdnoumpkhd1urk2psmka2k','not_me','bob@example.com',0,NULL,'2026-11-21 12:00:30.000000','2026-11-20 12:00:30.000000');
CREATE TABLE gatewright_audit_chain (
	id VARCHAR(16) NOT NULL, 
	sealed BLOB NOT NULL, 
	number BIGINT NOT NULL, 
	link BLOB NOT NULL, 
	signature BLOB NOT NULL, 
	pruned_number BIGINT NOT NULL, 
	pruned_link BLOB NOT NULL, 
	pruned_at DATETIME NOT NULL, 
	pruned_signature BLOB NOT NULL, 
	holder VARCHAR(32), 
	held_until DATETIME, 
	CONSTRAINT pk_gatewright_audit_chain PRIMARY KEY (id)
);
INSERT INTO "gatewright_audit_chain" VALUES('audit',X'012C0806A1350DB87564574A13838770AFEB32900B019E24D1CAC643048C438BCE72896F85BF93BB5DD5C26EF81D2BD62761B5750C17DC59348FAB63A93A3E5F06552A424E',4,X'88329C27E18A789A5FBAB84BE25A29F0E2926942732843B9A4B63BEF304C842D',X'48630EBF3D7250CFAA4FA0ACC50EA28373A7AB9D69C4C715B8E0C7D96CB05FAA',0,X'0000000000000000000000000000000000000000000000000000000000000000','2026-11-20 12:00:00.000000',X'1BA8ED8E7C5D0D5F0498E3EF57E49A45DA7C655D235080CFC3E2353D7F050E48',NULL,NULL);
CREATE TABLE gatewright_audit_events (
	id VARCHAR(32) NOT NULL, 
	occurred_at DATETIME NOT NULL, 
	event VARCHAR(64) NOT NULL, 
	outcome VARCHAR(16) NOT NULL, 
	actor_id VARCHAR(64), 
	subject_id VARCHAR(64), 
	session_id VARCHAR(64), 
	request_id VARCHAR(128), 
	ip_address VARCHAR(64), 
	user_agent VARCHAR(512), 
	details JSON NOT NULL, number BIGINT, personal_salt BLOB, personal_hash BLOB, link BLOB, 
	CONSTRAINT pk_gatewright_audit_events PRIMARY KEY (id)
);
INSERT INTO "gatewright_audit_events" VALUES('mb86m5qeuc2ly4c6cl97xag7','2026-11-20 12:00:00.000000','user.registered','success','w6pb9enfqbhcgg506buw6t3v','w6pb9enfqbhcgg506buw6t3v',NULL,'62a5e441d09a0905f3b1eaa873812394','testclient','Old Browser','{}',1,X'13D4EEA6162CA359212416B912963423',X'02D693C1B07579ADEA7747D49D7016E6B28D4D749A19A84938EE20E306858E50',X'52030336D6725DACE88BBD65F9134E806A76932F6EA7F478D65BF53A76574612');
INSERT INTO "gatewright_audit_events" VALUES('ssmd1fzql9stmys25rb8hrwb','2026-11-20 12:00:00.000000','session.started','success','w6pb9enfqbhcgg506buw6t3v','w6pb9enfqbhcgg506buw6t3v','nmfrgltl7m2ggjwenvqizflt','62a5e441d09a0905f3b1eaa873812394','testclient','Old Browser','{}',2,X'3EA74AF05377BE7C9440AAD44448720C',X'6FD0A5ADDFE641994A58289E4985CCF250DC5155FCDE7C2A9AA2ED557180D3F0',X'370269E9FD48B2FEEF67A1AB55C0B5581F3107D0B1930AB5C9099A9A0B651461');
INSERT INTO "gatewright_audit_events" VALUES('pba1p7zhmzeebrfo8lo083j2','2026-11-20 12:00:00.000000','user.registered','success','wdvdnoumpkhd1urk2psmka2k','wdvdnoumpkhd1urk2psmka2k',NULL,'e1c759aa95b3f0feaa57c27f45894333','testclient','Old Browser','{}',3,X'44BD1FB7DB65DB2C0A8A35022D31D50C',X'96D8BB88FE847A61BB18F7A73B976CC6754339E768C3C8524107320ED53D136F',X'700DEC2AC14CC109DB147DF39DDE252ADA79924226367B3E1DA969F128D81BE6');
INSERT INTO "gatewright_audit_events" VALUES('szcquo4ujjqbaouldx2eh61c','2026-11-20 12:00:00.000000','session.started','success','wdvdnoumpkhd1urk2psmka2k','wdvdnoumpkhd1urk2psmka2k','hp4m2vz8h4cn1km3cty5ntxh','e1c759aa95b3f0feaa57c27f45894333','testclient','Old Browser','{}',4,X'C29B2B2C87892210FDAB3B290CAD599D',X'569DF8A147E54441DD7F731A6AF316D7E57EB5A8406629781046B8827D54A624',X'88329C27E18A789A5FBAB84BE25A29F0E2926942732843B9A4B63BEF304C842D');
CREATE TABLE gatewright_limits (
	id VARCHAR(32) NOT NULL, 
	busy_until BIGINT NOT NULL, 
	tries INTEGER NOT NULL, 
	expires_at BIGINT NOT NULL, 
	CONSTRAINT pk_gatewright_limits PRIMARY KEY (id)
);
CREATE TABLE gatewright_login_devices (
	user_id VARCHAR(64) NOT NULL, 
	epoch VARCHAR(32), 
	logins TEXT NOT NULL, 
	waiting INTEGER NOT NULL, 
	waiting_since DATETIME, 
	mailed_at DATETIME, 
	CONSTRAINT pk_gatewright_login_devices PRIMARY KEY (user_id)
);
CREATE TABLE gatewright_outbox (
	id VARCHAR(32) NOT NULL, 
	sealed BLOB, 
	created_at DATETIME NOT NULL, 
	due_at DATETIME NOT NULL, 
	attempts INTEGER NOT NULL, 
	claimed_until DATETIME, 
	done_at DATETIME, 
	outcome VARCHAR(16), 
	CONSTRAINT pk_gatewright_outbox PRIMARY KEY (id)
);
INSERT INTO "gatewright_outbox" VALUES('criejf8u2m60ly897ix8wa92',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000',1,NULL,'2026-11-20 12:00:00.000000','sent');
INSERT INTO "gatewright_outbox" VALUES('xo7f9c37b19zgi4udy0l35o3',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000',1,NULL,'2026-11-20 12:00:00.000000','sent');
INSERT INTO "gatewright_outbox" VALUES('kxeuambz43luqalt7qjb6ogj',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000',1,NULL,'2026-11-20 12:00:00.000000','sent');
INSERT INTO "gatewright_outbox" VALUES('l2ik39of4vtwu8u3v3gdczwo',NULL,'2026-11-20 12:00:30.000000','2026-11-20 12:00:30.000000',1,NULL,'2026-11-20 12:00:30.000000','sent');
CREATE TABLE gatewright_revocations (
	id VARCHAR(32) NOT NULL, 
	recorded_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	session_id VARCHAR(64), 
	user_id VARCHAR(64), 
	CONSTRAINT pk_gatewright_revocations PRIMARY KEY (id)
);
CREATE TABLE gatewright_signing_keys (
	kid VARCHAR(64) NOT NULL, 
	algorithm VARCHAR(16) NOT NULL, 
	number INTEGER NOT NULL, 
	sealed BLOB NOT NULL, 
	created_at DATETIME NOT NULL, activates_at DATETIME, retires_at DATETIME, sealed_at DATETIME, 
	CONSTRAINT pk_gatewright_signing_keys PRIMARY KEY (kid), 
	CONSTRAINT uq_gatewright_signing_keys_algorithm_number UNIQUE (algorithm, number)
);
INSERT INTO "gatewright_signing_keys" VALUES('nXmnCkFopAH6ePnrBVxhL8eZ8GIVmYunEvV2GDJxSVM','ES256',1,X'012C0806A1350DB8758F5189859D933890EDD7D7BC8141AEAB8464017048864D46230B55456D9BAD4D6816A54F4BE71481F46B77C344AEFBE93C1F479FD260DA9024F65549CC6E44035DE58F95026F8FB7065B232E1F8ED2885CDDC3DB32970899267C260ABFD0A8894DD39CA03F2BAFA5DDD50C25AC263FEBC7B5D08A3777D58E71D0B70638053C744FA3008E648EDB5035D45507190B2FE3A539D99F247E75794930A16B626091CF64C9B0E4A1CA113E5FE09AD8326EE0CD3253D71A6366D8194103D67B498E4A0E75BC1B588CE652A4C2F6583BAADAE953A540FDEF86D2733B98D13DF2B0891AC4176986FD557A57F1600928DD33A9DCB34B43E824B3A84B972DB3154B87DE7D420521E8332B49EAEB7351E77AE84C2516CE4F4D063336233DD2BD','2026-11-20 12:00:00.000000',NULL,NULL,NULL);
CREATE TABLE gatewright_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT gatewright_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "gatewright_version" VALUES('k0007');
CREATE TABLE papers (
	id VARCHAR NOT NULL, 
	title VARCHAR(200) NOT NULL, 
	is_draft BOOLEAN DEFAULT 1 NOT NULL, 
	due_on DATE, 
	cost_price NUMERIC(10, 2), 
	owner_id VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_papers PRIMARY KEY (id), 
	CONSTRAINT fk_papers_owner_id FOREIGN KEY(owner_id) REFERENCES users (id) ON DELETE CASCADE, 
	CONSTRAINT ck_papers_cost_price_sqlite_type CHECK (typeof(cost_price) IN ('integer', 'real', 'null')), 
	CONSTRAINT ck_papers_created_at_sqlite_type CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'), 
	CONSTRAINT ck_papers_due_on_sqlite_type CHECK (due_on GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]'), 
	CONSTRAINT ck_papers_is_draft_sqlite_type CHECK (is_draft IN (0, 1)), 
	CONSTRAINT ck_papers_title_max_length CHECK (length(title) <= 200)
);
INSERT INTO "papers" VALUES('giwr5d1h1wmtlixwlnft5fe8','Notes on the Analytical Engine',1,'2027-01-31',NULL,'w6pb9enfqbhcgg506buw6t3v','2026-11-20 12:00:30.000000');
CREATE TABLE refresh_tokens (
	id VARCHAR NOT NULL, 
	token VARCHAR NOT NULL, 
	user_id VARCHAR NOT NULL, 
	generation INTEGER DEFAULT '0' NOT NULL, 
	rotated_at DATETIME, 
	last_used_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	auth_time DATETIME NOT NULL, 
	amr VARCHAR NOT NULL, 
	ip_address VARCHAR, 
	user_agent VARCHAR, 
	expires_at DATETIME NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_refresh_tokens PRIMARY KEY (id), 
	CONSTRAINT uq_refresh_tokens_token UNIQUE (token), 
	CONSTRAINT fk_refresh_tokens_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE, 
	CONSTRAINT ck_refresh_tokens_amr_sqlite_type CHECK (typeof(amr) IN ('text', 'null')), 
	CONSTRAINT ck_refresh_tokens_auth_time_sqlite_type CHECK (auth_time GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'), 
	CONSTRAINT ck_refresh_tokens_created_at_sqlite_type CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'), 
	CONSTRAINT ck_refresh_tokens_ended_at_sqlite_type CHECK (ended_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'), 
	CONSTRAINT ck_refresh_tokens_expires_at_sqlite_type CHECK (expires_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'), 
	CONSTRAINT ck_refresh_tokens_generation_sqlite_type CHECK (typeof(generation) IN ('integer', 'null')), 
	CONSTRAINT ck_refresh_tokens_id_sqlite_type CHECK (typeof(id) IN ('text', 'null')), 
	CONSTRAINT ck_refresh_tokens_ip_address_sqlite_type CHECK (typeof(ip_address) IN ('text', 'null')), 
	CONSTRAINT ck_refresh_tokens_last_used_at_sqlite_type CHECK (last_used_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'), 
	CONSTRAINT ck_refresh_tokens_rotated_at_sqlite_type CHECK (rotated_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'), 
	CONSTRAINT ck_refresh_tokens_token_sqlite_type CHECK (typeof(token) IN ('text', 'null')), 
	CONSTRAINT ck_refresh_tokens_user_agent_sqlite_type CHECK (typeof(user_agent) IN ('text', 'null')), 
	CONSTRAINT ck_refresh_tokens_user_id_sqlite_type CHECK (typeof(user_id) IN ('text', 'null'))
);
INSERT INTO "refresh_tokens" VALUES('nmfrgltl7m2ggjwenvqizflt','-VAfOXJUQ8NMfauqoUqHGoekJL3a2iSxafWHWWBJReM','w6pb9enfqbhcgg506buw6t3v',1,'2026-11-20 12:00:30.000000','2026-11-20 12:00:30.000000',NULL,'2026-11-20 12:00:00.000000','pwd','testclient','Old Browser','2026-11-27 12:00:30.000000','2026-11-20 12:00:00.000000');
INSERT INTO "refresh_tokens" VALUES('hp4m2vz8h4cn1km3cty5ntxh','OlBW02KPYHPaXYs13chYuHhlVLUmOuSTlD5-DIGSpL4','wdvdnoumpkhd1urk2psmka2k',0,NULL,'2026-11-20 12:00:00.000000',NULL,'2026-11-20 12:00:00.000000','pwd','testclient','Old Browser','2026-11-27 12:00:00.000000','2026-11-20 12:00:00.000000');
CREATE TABLE users (
	id VARCHAR NOT NULL, 
	email VARCHAR NOT NULL, 
	email_key VARCHAR NOT NULL, 
	password VARCHAR, 
	first_name VARCHAR, 
	last_name VARCHAR, 
	is_email_verified BOOLEAN DEFAULT 0 NOT NULL, 
	role VARCHAR DEFAULT 'USER' NOT NULL, 
	disabled_at DATETIME, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	company VARCHAR(80), 
	CONSTRAINT pk_users PRIMARY KEY (id), 
	CONSTRAINT uq_users_email UNIQUE (email), 
	CONSTRAINT uq_users_email_key UNIQUE (email_key), 
	CONSTRAINT ck_users_company_max_length CHECK (length(company) <= 80), 
	CONSTRAINT ck_users_created_at_sqlite_type CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'), 
	CONSTRAINT ck_users_disabled_at_sqlite_type CHECK (disabled_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'), 
	CONSTRAINT ck_users_email_key_sqlite_type CHECK (typeof(email_key) IN ('text', 'null')), 
	CONSTRAINT ck_users_email_sqlite_type CHECK (typeof(email) IN ('text', 'null')), 
	CONSTRAINT ck_users_first_name_sqlite_type CHECK (typeof(first_name) IN ('text', 'null')), 
	CONSTRAINT ck_users_id_sqlite_type CHECK (typeof(id) IN ('text', 'null')), 
	CONSTRAINT ck_users_is_email_verified_sqlite_type CHECK (is_email_verified IN (0, 1)), 
	CONSTRAINT ck_users_last_name_sqlite_type CHECK (typeof(last_name) IN ('text', 'null')), 
	CONSTRAINT ck_users_password_sqlite_type CHECK (typeof(password) IN ('text', 'null')), 
	CONSTRAINT ck_users_role_sqlite_type CHECK (typeof(role) IN ('text', 'null')), 
	CONSTRAINT ck_users_updated_at_sqlite_type CHECK (updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*')
);
INSERT INTO "users" VALUES('w6pb9enfqbhcgg506buw6t3v','ada@example.com','ada@example.com','$argon2id$v=19$m=7168,t=1,p=1$w4mkeFc4gGrV4FtVp19Wzg$B+pL/CmtMReRKmguMilphFgBe/zfTHcLm8jF0Qa9ju0','Ada','Doe',0,'USER',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000','ACME');
INSERT INTO "users" VALUES('wdvdnoumpkhd1urk2psmka2k','bob@example.com','bob@example.com','$argon2id$v=19$m=7168,t=1,p=1$o6bTUS6wnw0wn05Q+aVgVw$y5EpfDtYBbpWdYJVNySiOHkccpqdVfW5SzgSEngJK6M','Bob','Doe',0,'USER',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000','ACME');
CREATE INDEX ix_gatewright_revocations_recorded_at ON gatewright_revocations (recorded_at);
CREATE INDEX ix_gatewright_revocations_expires_at ON gatewright_revocations (expires_at);
CREATE INDEX ix_gatewright_audit_events_occurred_at ON gatewright_audit_events (occurred_at);
CREATE INDEX ix_gatewright_audit_events_subject_id ON gatewright_audit_events (subject_id, occurred_at);
CREATE INDEX ix_gatewright_limits_expires_at ON gatewright_limits (expires_at);
CREATE INDEX ix_gatewright_outbox_done_at ON gatewright_outbox (done_at, due_at);
CREATE UNIQUE INDEX ix_gatewright_audit_events_number ON gatewright_audit_events (number);
CREATE INDEX ix_gatewright_audit_events_unsealed ON gatewright_audit_events (occurred_at, id) WHERE number IS NULL;
CREATE INDEX ix_refresh_tokens_created_at ON refresh_tokens (created_at);
CREATE INDEX ix_refresh_tokens_user_id ON refresh_tokens (user_id);
CREATE INDEX ix_email_verifications_expires_at ON email_verifications (expires_at);
CREATE INDEX ix_email_verifications_user_id ON email_verifications (user_id);
CREATE INDEX ix_papers_owner_id ON papers (owner_id);
CREATE INDEX ix_comments_author_id ON comments (author_id);
CREATE INDEX ix_comments_paper_id ON comments (paper_id);
COMMIT;
