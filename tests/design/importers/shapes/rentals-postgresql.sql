-- As dumps of older PostgreSQL and sample databases have it (Pagila is one): sequences without OWNED BY, domains and
-- enums in defaults, tsvector and arrays, partitions by inheritance with rules, functions that hold SQL, aggregates.
SET statement_timeout = 0;
SET search_path = public, pg_catalog;
CREATE EXTENSION IF NOT EXISTS plpgsql WITH SCHEMA pg_catalog;
COMMENT ON EXTENSION plpgsql IS 'PL/pgSQL procedural language';
CREATE TYPE movie_rating AS ENUM (
    'all',
    '12-up'
);
CREATE DOMAIN made_in AS integer
	CONSTRAINT year_check CHECK (((VALUE >= 1901) AND (VALUE <= 2155)));
CREATE FUNCTION _joined(text, text) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $_$
SELECT CASE WHEN $2 IS NULL THEN $1 ELSE $1 || ', ' || $2 END
$_$;
CREATE FUNCTION touched() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    -- IT'S NOT A TEXT
    INSERT INTO audit VALUES (NEW.*);
    NEW.changed = CURRENT_TIMESTAMP;
    RETURN NEW;
END $$;
CREATE AGGREGATE joined(text) (
    SFUNC = _joined,
    STYPE = text
);
CREATE SEQUENCE movie_movie_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE movie (
    movie_id integer DEFAULT nextval('movie_movie_id_seq'::regclass) NOT NULL,
    title character varying(255) NOT NULL,
    summary text,
    made made_in,
    days smallint DEFAULT 3 NOT NULL,
    rate numeric(4,2) DEFAULT 4.99 NOT NULL,
    rating movie_rating DEFAULT 'all'::movie_rating,
    created date DEFAULT ('now'::text)::date NOT NULL,
    changed timestamp without time zone DEFAULT now() NOT NULL,
    extras text[],
    words tsvector NOT NULL,
    active boolean DEFAULT true NOT NULL
);
ALTER TABLE movie OWNER TO postgres;
CREATE TABLE movie_actor (
    actor_id smallint NOT NULL,
    movie_id smallint NOT NULL,
    changed timestamp without time zone DEFAULT now() NOT NULL
);
CREATE SEQUENCE payment_payment_id_seq START WITH 1 INCREMENT BY 1 NO MINVALUE NO MAXVALUE CACHE 1;
CREATE TABLE payment (
    payment_id integer DEFAULT nextval('payment_payment_id_seq'::regclass) NOT NULL,
    movie_id smallint NOT NULL,
    amount numeric(5,2) NOT NULL,
    paid timestamp without time zone NOT NULL
);
CREATE TABLE payment_p1 (
    CONSTRAINT payment_p1_paid_check CHECK (((paid >= '2007-01-01'::date) AND (paid < '2007-02-01'::date)))
)
INHERITS (payment);
CREATE VIEW movie_list AS
 SELECT m.movie_id AS fid, joined(m.title::text) AS title FROM (movie m LEFT JOIN movie_actor a USING (movie_id))
  GROUP BY m.movie_id;
ALTER TABLE ONLY movie ADD CONSTRAINT movie_pkey PRIMARY KEY (movie_id);
ALTER TABLE ONLY movie_actor ADD CONSTRAINT movie_actor_pkey PRIMARY KEY (actor_id, movie_id);
ALTER TABLE ONLY payment ADD CONSTRAINT payment_pkey PRIMARY KEY (payment_id);
CREATE INDEX movie_words_idx ON movie USING gist (words);
CREATE INDEX idx_fk_movie_id ON payment USING btree (movie_id);
CREATE UNIQUE INDEX idx_unq_movie_title ON movie USING btree (title, created);
CREATE RULE payment_insert_p1 AS ON INSERT TO payment WHERE ((new.paid >= '2007-01-01'::date))
  DO INSTEAD INSERT INTO payment_p1 (payment_id) VALUES (DEFAULT);
CREATE TRIGGER touched BEFORE UPDATE ON movie FOR EACH ROW EXECUTE PROCEDURE touched();
ALTER TABLE ONLY movie_actor
    ADD CONSTRAINT movie_actor_movie_id_fkey FOREIGN KEY (movie_id) REFERENCES movie(movie_id)
    ON UPDATE CASCADE ON DELETE RESTRICT;
ALTER TABLE ONLY payment
    ADD CONSTRAINT payment_movie_id_fkey FOREIGN KEY (movie_id) REFERENCES movie(movie_id) ON UPDATE CASCADE
    ON DELETE RESTRICT;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO PUBLIC;
