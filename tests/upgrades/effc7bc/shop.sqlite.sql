BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('af88683023a3');
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
INSERT INTO "comments" VALUES(1,'First','a9vydr20s90cn1kdx4o0gcto','ed5jigo0j264p4yq3f7lw6nt','2026-11-20 12:00:30.000000');
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
INSERT INTO "email_verifications" VALUES('fvvjakd6col0easf09dm3g6h','e3516d0ea08bd1922908901bf9c5f26761cbcf7cdffb35610c0e543ade6703ca','ed5jigo0j264p4yq3f7lw6nt','verify_email','ada@example.com',0,NULL,'2026-11-21 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "email_verifications" VALUES('xp18a3mpgmvb2q92rzcw61yc','7b5979a996fd16cf5c3e5597881c0478a3cdba0d8ad997ba374d94219270445f','ed5jigo0j264p4yq3f7lw6nt','not_me','ada@example.com',0,NULL,'2026-11-21 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "email_verifications" VALUES('ka881axmvrs5qr3bgovmvvjx','2cc695bdd8f800af597b5193e3364e851dbeb49af4ea8965a6306aa0a6199bc3','suq5n01d3hub5wz66hcn3hug','verify_email','bob@example.com',0,NULL,'2026-11-21 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "email_verifications" VALUES('q2ror1gnlst6f6v6bzvyvqgd','1a3c7e80805e65cac834f893c13bf1f07893ffe9f7297ab45970dfa425460d53','suq5n01d3hub5wz66hcn3hug','not_me','bob@example.com',0,NULL,'2026-11-21 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "email_verifications" VALUES('y6dpjplicsdt08p5n1ei84o4','e7b6a4ab8b918c1b28142f93e71cb9fd2d49b4930924eec58a2fd0fb9201c200','suq5n01d3hub5wz66hcn3hug','reset_password','bob@example.com',0,NULL,'2026-11-20 13:00:00.000000','2026-11-20 12:00:00.000000');
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
INSERT INTO "gatewright_audit_chain" VALUES('audit',X'012C0806A1350DB8751206946023F3B403A4886EF691D670DD428548568A1F6C418775884EA4B16DC5FFCAE086202E2E8111DB674EF32D761D882B6D131970498E3CE6207A',4,X'2B63A7CDF6431841A525FE46F79771292734CBF730A004D8B76200A07E128A8F',X'54C4E3CA72C605938F65821C692344C706184586B4DA4F8E02263CBC8A3F3C14',0,X'0000000000000000000000000000000000000000000000000000000000000000','2026-11-20 12:00:30.000000',X'E0935FAE69EDD67C0060B5DD0EDF95271137DC53F8EC44F9D5F5C2619DD1DCD4',NULL,NULL);
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
INSERT INTO "gatewright_audit_events" VALUES('yrof5a78usiru274edrjfkqg','2026-11-20 12:00:00.000000','user.registered','success','ed5jigo0j264p4yq3f7lw6nt','ed5jigo0j264p4yq3f7lw6nt',NULL,'669604b7c97d17944d7146d7b02723e0','testclient','Old Browser','{}',4,X'0DBF8E143F376DA6F26D9535A551D972',X'DE6F8F7CDD218E660C6FFFA3D4578198C865B2F496CDF48D39D51412F5A502C2',X'2B63A7CDF6431841A525FE46F79771292734CBF730A004D8B76200A07E128A8F');
INSERT INTO "gatewright_audit_events" VALUES('q4vtoq8cn7zrikd9mmevq8vo','2026-11-20 12:00:00.000000','session.started','success','ed5jigo0j264p4yq3f7lw6nt','ed5jigo0j264p4yq3f7lw6nt','px260e2k9qq1e5ppnein8wo5','669604b7c97d17944d7146d7b02723e0','testclient','Old Browser','{}',3,X'938472EE01A4C93679F079281E13EF7B',X'C28C11A61492530E621702615B9C7421C7939936D1FD2B6281C6307C38C50435',X'A929297446F3EF934FAEE5D181709C00D7E8A0CAC9F7C295B4138F2A24513177');
INSERT INTO "gatewright_audit_events" VALUES('chbypapd7390wur67hswljdf','2026-11-20 12:00:00.000000','user.registered','success','suq5n01d3hub5wz66hcn3hug','suq5n01d3hub5wz66hcn3hug',NULL,'0a3cab1a0eee7b20f804140bc201fbce','testclient','Old Browser','{}',1,X'89F861DCC523305C7E9B0A59E0752EAE',X'D60BF802A18382FEB17776947A515BC9EB43531D95CEC1CF6948C2B50A3D0875',X'E13A07F1D0522FB5CE18D7D00BC2D5ACF487B1943783791220E84D9A404348D7');
INSERT INTO "gatewright_audit_events" VALUES('eokejxl3z075ol9kj0wh6g8f','2026-11-20 12:00:00.000000','session.started','success','suq5n01d3hub5wz66hcn3hug','suq5n01d3hub5wz66hcn3hug','cp4f11pcwmvukgfy4gd193bf','0a3cab1a0eee7b20f804140bc201fbce','testclient','Old Browser','{}',2,X'E3127E19A24CDF4412F750D2268ABE05',X'FBB7ED23E8A1E863DB1514DB83F1862341D5F5D3623AAB83066D7B3DAF6D87FF',X'014C5C66C182891CE7CA664580ADEE79545C7EC057D40BBE817BB2DF53635369');
CREATE TABLE gatewright_limits (
	id VARCHAR(32) NOT NULL, 
	busy_until BIGINT NOT NULL, 
	tries INTEGER NOT NULL, 
	expires_at BIGINT NOT NULL, 
	CONSTRAINT pk_gatewright_limits PRIMARY KEY (id)
);
CREATE TABLE gatewright_login_challenges (
	token_hash VARCHAR(64) NOT NULL, 
	user_id VARCHAR(64) NOT NULL, 
	amr VARCHAR(255) NOT NULL, 
	device_id VARCHAR(32), 
	session_id VARCHAR(64), 
	in_cookies BOOLEAN NOT NULL, 
	wrong_answers INTEGER NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_gatewright_login_challenges PRIMARY KEY (token_hash)
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
INSERT INTO "gatewright_outbox" VALUES('i550cno6p8fwjx02b36vgq16',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000',1,NULL,'2026-11-20 12:00:00.000000','sent');
INSERT INTO "gatewright_outbox" VALUES('xl4zzmohz53jj0wbbwreo2iw',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000',1,NULL,'2026-11-20 12:00:00.000000','sent');
INSERT INTO "gatewright_outbox" VALUES('wmsyqpc3upu79daqf9uue977',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000',1,NULL,'2026-11-20 12:00:00.000000','sent');
INSERT INTO "gatewright_outbox" VALUES('um7wm02iqedefijemskycjz8',X'012C0806A1350DB875E2BED8131F5E413A629A30E591E35A2C2C627DA6F1BE126392008D06F31A1073A945CEFC72D2C287122CE608934A0DDEA00D1705B9F8A2F425EC4C165ABC7F7E462D08F0BA9B1F568478C8230F82B867479F5D18E000014A87A0BC7066794D2AE257AD12','2026-11-20 12:00:30.000000','2026-11-20 12:00:30.000000',0,NULL,NULL,NULL);
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
INSERT INTO "gatewright_signing_keys" VALUES('LVuj3my4zhj89IYmhm7i3NjgW2h8HFlG_u8S_AY5MR4','ES256',1,X'012C0806A1350DB875597DA72A4FB759AF380E5E4F9C9F6E40A13953A102FC48F8C17D13CE801D7FA80D607475333C2D3A0F4DE8EA6042E084D56FBCBEBBEDFD54AAA32C8E6BEFB07CCD4B2570D4B3CEA814A7C06D778DF5AFAF15791CC07071B9F32490CA81D0B07267D93BBA467E0B2EF8BB67BF5EB6F2021168DF55B64702563C095A6E5E0B07274318E7E346E29FA1FB9FE9008542ED94C9DBC42343F255FD924060EE994825DCAA2AE0E3788198A4AD5C086636FEB01CABE3A5025F9958695BA249ABD76863EA398234A1AE86341BC652D2F75035744A94B35665CA3BDB093D8F42AA07D12CF799456A30C335EA6F9F46AACD8FD313D450B6991424ACE18DC3C2665C09139A9FCF296ECE663BFCE6E60BED2C5F594FC887F6EE57C8250E4A0F68','2026-11-20 12:00:00.000000',NULL,NULL,NULL);
CREATE TABLE gatewright_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT gatewright_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "gatewright_version" VALUES('k0008');
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
INSERT INTO "papers" VALUES('a9vydr20s90cn1kdx4o0gcto','Notes on the Analytical Engine',1,'2027-01-31',NULL,'ed5jigo0j264p4yq3f7lw6nt','2026-11-20 12:00:30.000000');
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
INSERT INTO "refresh_tokens" VALUES('px260e2k9qq1e5ppnein8wo5','GxC5diTRj8ad63j8kqBxel4kQmNHmLksGwmD_h_Au8Y','ed5jigo0j264p4yq3f7lw6nt',1,'2026-11-20 12:00:30.000000','2026-11-20 12:00:30.000000',NULL,'2026-11-20 12:00:00.000000','pwd','testclient','Old Browser','2026-11-27 12:00:30.000000','2026-11-20 12:00:00.000000');
INSERT INTO "refresh_tokens" VALUES('cp4f11pcwmvukgfy4gd193bf','QlAl27tjaKZoZRiwuCi7K1OoUu_NCAcFUbd7eDcSVLI','suq5n01d3hub5wz66hcn3hug',0,NULL,'2026-11-20 12:00:00.000000',NULL,'2026-11-20 12:00:00.000000','pwd','testclient','Old Browser','2026-11-27 12:00:00.000000','2026-11-20 12:00:00.000000');
CREATE TABLE "users" (
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
	CONSTRAINT ck_users_updated_at_sqlite_type CHECK (updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'), 
	CONSTRAINT ck_users_email_sqlite_type CHECK (typeof(email) IN ('text', 'null')), 
	CONSTRAINT ck_users_created_at_sqlite_type CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'), 
	CONSTRAINT ck_users_id_sqlite_type CHECK (typeof(id) IN ('text', 'null')), 
	CONSTRAINT ck_users_last_name_sqlite_type CHECK (typeof(last_name) IN ('text', 'null')), 
	CONSTRAINT ck_users_password_sqlite_type CHECK (typeof(password) IN ('text', 'null')), 
	CONSTRAINT uq_users_email_key UNIQUE (email_key), 
	CONSTRAINT ck_users_is_email_verified_sqlite_type CHECK (is_email_verified IN (0, 1)), 
	CONSTRAINT uq_users_email UNIQUE (email), 
	CONSTRAINT ck_users_email_key_sqlite_type CHECK (typeof(email_key) IN ('text', 'null')), 
	CONSTRAINT ck_users_first_name_sqlite_type CHECK (typeof(first_name) IN ('text', 'null')), 
	CONSTRAINT ck_users_role_sqlite_type CHECK (typeof(role) IN ('text', 'null')), 
	CONSTRAINT ck_users_disabled_at_sqlite_type CHECK (disabled_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'), 
	CONSTRAINT ck_users_company_max_length CHECK (length(company) <= 80)
);
INSERT INTO "users" VALUES('ed5jigo0j264p4yq3f7lw6nt','ada@example.com','ada@example.com','$argon2id$v=19$m=7168,t=1,p=1$t8s0/cM1bGF9ONNAZlWhhw$x0ssrXmWsfsG3YcWOj0vmy69SP5FakVATBsfTfhtk9o','Ada','Doe',0,'USER',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000','ACME');
INSERT INTO "users" VALUES('suq5n01d3hub5wz66hcn3hug','bob@example.com','bob@example.com','$argon2id$v=19$m=7168,t=1,p=1$YHh8Qr2VE70A0Sd8aXw9NQ$M2kZ659SDkAj5paJpqhnAHFvoOmNQ7DHPaHfqbPMO90','Bob','Doe',0,'USER',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000','ACME');
CREATE INDEX ix_gatewright_revocations_recorded_at ON gatewright_revocations (recorded_at);
CREATE INDEX ix_gatewright_revocations_expires_at ON gatewright_revocations (expires_at);
CREATE INDEX ix_gatewright_audit_events_occurred_at ON gatewright_audit_events (occurred_at);
CREATE INDEX ix_gatewright_audit_events_subject_id ON gatewright_audit_events (subject_id, occurred_at);
CREATE INDEX ix_gatewright_limits_expires_at ON gatewright_limits (expires_at);
CREATE INDEX ix_gatewright_outbox_done_at ON gatewright_outbox (done_at, due_at);
CREATE UNIQUE INDEX ix_gatewright_audit_events_number ON gatewright_audit_events (number);
CREATE INDEX ix_gatewright_audit_events_unsealed ON gatewright_audit_events (occurred_at, id) WHERE number IS NULL;
CREATE INDEX ix_gatewright_login_challenges_user_id ON gatewright_login_challenges (user_id);
CREATE INDEX ix_gatewright_login_challenges_expires_at ON gatewright_login_challenges (expires_at);
CREATE INDEX ix_refresh_tokens_created_at ON refresh_tokens (created_at);
CREATE INDEX ix_refresh_tokens_user_id ON refresh_tokens (user_id);
CREATE INDEX ix_email_verifications_expires_at ON email_verifications (expires_at);
CREATE INDEX ix_email_verifications_user_id ON email_verifications (user_id);
CREATE INDEX ix_papers_owner_id ON papers (owner_id);
CREATE INDEX ix_comments_author_id ON comments (author_id);
CREATE INDEX ix_comments_paper_id ON comments (paper_id);
COMMIT;
