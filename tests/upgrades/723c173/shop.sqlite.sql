BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('580d2aa98eda');
CREATE TABLE comments (
	id INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	paper_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_comments PRIMARY KEY (id), 
	CONSTRAINT fk_comments_author_id FOREIGN KEY(author_id) REFERENCES users (id) ON DELETE RESTRICT, 
	CONSTRAINT fk_comments_paper_id FOREIGN KEY(paper_id) REFERENCES papers (id) ON DELETE RESTRICT
);
INSERT INTO "comments" VALUES(1,'First','lbvpzclhfbh9tvcd3ge2ly0v','pricth8x0mw8w9vybjrq3q33','2026-11-20 12:00:30.000000');
INSERT INTO "comments" VALUES(2,'Mine','lbvpzclhfbh9tvcd3ge2ly0v','e8lkbjbnn8ud4syupd36guzl','2026-11-20 12:00:30.000000');
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
	CONSTRAINT fk_email_verifications_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
INSERT INTO "email_verifications" VALUES('alq3g76lv87smufi5iixd5r3','8f4a1d02ed66b18e4f28ad70690b33440d1a1ac3062b8db6a7119a61f5159c7a','pricth8x0mw8w9vybjrq3q33','verify_email','ada@example.com',0,NULL,'2026-11-21 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "email_verifications" VALUES('t318pu5aptyot7dhjkfqee4u','ef4ba7d25813676264ff93c08436209f3342d3a1a40f02fba9b0cd88be967045','pricth8x0mw8w9vybjrq3q33','not_me','ada@example.com',0,NULL,'2026-11-21 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "email_verifications" VALUES('f5h4d9vqgerpqlgoghkcfxj3','c98452e56339d7bc52480021afe77306bddb1a80ecd1cccf753504c8ee9f7e9a','e8lkbjbnn8ud4syupd36guzl','verify_email','bob@example.com',0,NULL,'2026-11-21 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "email_verifications" VALUES('oaoxrzrmus7deo6ud0y7hyi3','b1137d3fff5670405b33fdc75a726ff56749be2e4a0f01237c4dd9378f29de5c','e8lkbjbnn8ud4syupd36guzl','not_me','bob@example.com',0,NULL,'2026-11-21 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "email_verifications" VALUES('nvyx75ulfx8j5cdrft5swuqm','771002ceb734061edaac1ad3215e859825a8b9e4fd54e382d49ebea5bbf3baca','e8lkbjbnn8ud4syupd36guzl','reset_password','bob@example.com',0,NULL,'2026-11-20 13:00:00.000000','2026-11-20 12:00:00.000000');
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
INSERT INTO "gatewright_audit_chain" VALUES('audit',X'012C0806A1350DB87500F3F32EDB5B2796592613C2E316D599BB0413087CEC75569D6C63228806DFDEF358DAA99E0C5C481DB902BBB1C011888EC954FCB702C7322B75506B',4,X'09F770E665E21F7590A881ACDAD416562F95D26CBE2213493DE75AFC589C7DAC',X'57531F9EA289A3EF35DEF4146380566669B5E7545E8D49B0CB2B2F15F2E1995E',0,X'0000000000000000000000000000000000000000000000000000000000000000','2026-11-20 12:00:30.000000',X'E925A40A9B1A20B5D3FC46659EED7A527ACA0920C2EB9C0542BE691E968DD9B1',NULL,NULL);
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
INSERT INTO "gatewright_audit_events" VALUES('zr03sv5i2kqw5hdmpasqiad1','2026-11-20 12:00:00.000000','user.registered','success','pricth8x0mw8w9vybjrq3q33','pricth8x0mw8w9vybjrq3q33',NULL,'743f2b7567ec12846d88bb106a7a2ef0','testclient','Old Browser','{}',4,X'70E3DB44F0FCD9F0334CB10CD0F868F4',X'11CCBF21BB57BDD98C38B757BD4CED02D59CF2B1DEB630B9A5B1434719AAE047',X'09F770E665E21F7590A881ACDAD416562F95D26CBE2213493DE75AFC589C7DAC');
INSERT INTO "gatewright_audit_events" VALUES('hppbz2vh4mnaofbl4inp9a3t','2026-11-20 12:00:00.000000','session.started','success','pricth8x0mw8w9vybjrq3q33','pricth8x0mw8w9vybjrq3q33','cgncvh20un09i3rsnpajehpg','743f2b7567ec12846d88bb106a7a2ef0','testclient','Old Browser','{}',1,X'23EEA7A4FFE33996FF85BEBA1465E7D5',X'DDB21422838D09FBDCB5C5174C2977C96B9E82F45806142E5EE7C67FF73AB038',X'92E6212E785ED1AE0E439CA0058BB7FE1305DC4BCAECB4556E0B29A47E8835C2');
INSERT INTO "gatewright_audit_events" VALUES('kr5mhxhb1msr30kj71hvhgp1','2026-11-20 12:00:00.000000','user.registered','success','e8lkbjbnn8ud4syupd36guzl','e8lkbjbnn8ud4syupd36guzl',NULL,'0547ab4d4ec37c5a47dd497ebb6d330e','testclient','Old Browser','{}',2,X'1CB5A517307E8B41A7FE2977912931AB',X'B41C1D158D8E4985B503659A9E1BBF66367AE234D7ADB960B0A04EC88144B7AD',X'716E3A327A3D7E2653A46511F0EF7C23E071D25DC125464B45878D753224BCAA');
INSERT INTO "gatewright_audit_events" VALUES('nbdilgap5nuv8ffl8d92mp52','2026-11-20 12:00:00.000000','session.started','success','e8lkbjbnn8ud4syupd36guzl','e8lkbjbnn8ud4syupd36guzl','car5sbpoh8rcnwx3bvr3j68l','0547ab4d4ec37c5a47dd497ebb6d330e','testclient','Old Browser','{}',3,X'B8862074FB7983631B6C09085330D76B',X'C963D5A392D79DDF2320E044683E0FA718F00D9E5525248192F771955E2F1B5F',X'A1DF22CDD6CCF117F36CD7D73C52AD37B169F5ADB1981AC56E4E810FDA0F07B5');
CREATE TABLE gatewright_limits (
	id VARCHAR(32) NOT NULL, 
	busy_until BIGINT NOT NULL, 
	tries INTEGER NOT NULL, 
	expires_at BIGINT NOT NULL, 
	CONSTRAINT pk_gatewright_limits PRIMARY KEY (id)
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
INSERT INTO "gatewright_outbox" VALUES('ly44um1ipie67lshgx42bczw',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000',1,NULL,'2026-11-20 12:00:00.000000','sent');
INSERT INTO "gatewright_outbox" VALUES('kmpo88e75apjxubofelnvdwp',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000',1,NULL,'2026-11-20 12:00:00.000000','sent');
INSERT INTO "gatewright_outbox" VALUES('rd0z9pi0ts2c7lskh12t651b',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000',1,NULL,'2026-11-20 12:00:00.000000','sent');
INSERT INTO "gatewright_outbox" VALUES('j2pg76yrdg23xcy4jvmjiauv',X'012C0806A1350DB8754DF111412F0DD1FAE6A3CFF547EA3CC3B290D386F5C6C177009C99B3BEE66ECE269FB1D260A63216DE792299577E2A19248680F0A6505D76C8AF39FA6D4E02470CE29CC166D1B50DE10D8B2C8097E8830779AC9A787E4AC33D5B3D890E329D29DCBC2537','2026-11-20 12:00:30.000000','2026-11-20 12:00:30.000000',0,NULL,NULL,NULL);
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
INSERT INTO "gatewright_signing_keys" VALUES('RQimKm80MZEHngl0ii4EYE_3Zg1l15C3_-W9PIzbFYs','ES256',1,X'012C0806A1350DB8751FE09D3FF5272A3C6EA4A0DB00AEE78FBA35E691EB95BBEB4F9E21CED6CF8AD893B20EA653838097DEE0A5A9974D6EFC4AF88DF64740263DB09FC86E1D0A985FBC234805B517697551D7AE9986E624B11A70E22AF2D6318F463C37AE6093EEEE22286C6CB585D78F70271CEF643F6D0EFDAF21AAD055E1B3F123555358C8499E3DCB90A7544508198E3B78DAE389F81B5CFA2D296894E67EF34E602F1425CF40325C9C188D9883878C802E7E2EBCA61518A5F9B994BB21E8105C7B630F1CE25C7A4F8F563E833EA0D2347FB586D2DC41EF1939AD7FB0AAA6AEA66FD930FC8721D05CCBB5F6967F2BF3F21B67F0FF5DA1E240BEFF3AB2B951E6A6863331E52BB8F3F4FC19906D25239F127ECF67D21100C6C50AF9672E3EE6CDCF','2026-11-20 12:00:00.000000',NULL,NULL,NULL);
CREATE TABLE gatewright_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT gatewright_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "gatewright_version" VALUES('k0005');
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
	CONSTRAINT ck_papers_title_max_length CHECK (length(title) <= 200)
);
INSERT INTO "papers" VALUES('lbvpzclhfbh9tvcd3ge2ly0v','Notes on the Analytical Engine',1,'2027-01-31',NULL,'pricth8x0mw8w9vybjrq3q33','2026-11-20 12:00:30.000000');
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
	CONSTRAINT fk_refresh_tokens_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
INSERT INTO "refresh_tokens" VALUES('cgncvh20un09i3rsnpajehpg','ojNEJsCV3Fk31s4Vns-6IeXeCpbfEKMt16--19EcLjI','pricth8x0mw8w9vybjrq3q33',1,'2026-11-20 12:00:30.000000','2026-11-20 12:00:30.000000',NULL,'2026-11-20 12:00:00.000000','pwd','testclient','Old Browser','2026-11-27 12:00:30.000000','2026-11-20 12:00:00.000000');
INSERT INTO "refresh_tokens" VALUES('car5sbpoh8rcnwx3bvr3j68l','95WAtmQP_eL_QuvGbGW7pFlv7CegzMuvzySVyyqluKk','e8lkbjbnn8ud4syupd36guzl',0,NULL,'2026-11-20 12:00:00.000000',NULL,'2026-11-20 12:00:00.000000','pwd','testclient','Old Browser','2026-11-27 12:00:00.000000','2026-11-20 12:00:00.000000');
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
	CONSTRAINT uq_users_email_key UNIQUE (email_key), 
	CONSTRAINT uq_users_email UNIQUE (email), 
	CONSTRAINT ck_users_company_max_length CHECK (length(company) <= 80)
);
INSERT INTO "users" VALUES('pricth8x0mw8w9vybjrq3q33','ada@example.com','ada@example.com','$argon2id$v=19$m=7168,t=1,p=1$kZrhANw8aiyFgcV1xhPhLQ$2qn61Rs3WSZ/y17JKChbxcoCX5XGqqf5qzT9JIqrFSY','Ada','Doe',0,'USER',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000','ACME');
INSERT INTO "users" VALUES('e8lkbjbnn8ud4syupd36guzl','bob@example.com','bob@example.com','$argon2id$v=19$m=7168,t=1,p=1$MaAIBJXECCSp432Fa2PXUQ$aMBoQnvxn3Qp2rOK4Q7LaWCFxDcbHBElDoRb5IdH6O0','Bob','Doe',0,'USER',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000','ACME');
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
