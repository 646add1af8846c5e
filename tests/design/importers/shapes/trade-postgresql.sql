-- As databases that came from another system are (Northwind is one): keys of text and of smallint without a sequence,
-- bytea, real, char, a table of many keys, a table without a key, names that are words of SQL.
DROP TABLE IF EXISTS order_details;
CREATE TABLE categories (
    category_id smallint NOT NULL,
    category_name character varying(15) NOT NULL,
    description text,
    picture bytea
);
CREATE TABLE customers (
    customer_id bpchar NOT NULL,
    company_name character varying(40) NOT NULL,
    "group" character varying(10),
    region character(2)
);
CREATE TABLE orders (
    order_id smallint NOT NULL,
    customer_id bpchar,
    order_date date,
    freight real DEFAULT 0,
    ship_name character varying(40)
);
CREATE TABLE order_details (
    order_id smallint NOT NULL,
    category_id smallint NOT NULL,
    unit_price real NOT NULL,
    quantity smallint NOT NULL,
    discount real NOT NULL,
    CONSTRAINT quantity_check CHECK ((quantity > 0))
);
CREATE TABLE us_states (state_name character varying(100), state_abbr character varying(2));
INSERT INTO categories VALUES (1, 'Drinks', 'Soft drinks, it''s "teas"; beers', '\x');
ALTER TABLE ONLY categories ADD CONSTRAINT pk_categories PRIMARY KEY (category_id);
ALTER TABLE ONLY customers ADD CONSTRAINT pk_customers PRIMARY KEY (customer_id);
ALTER TABLE ONLY orders ADD CONSTRAINT pk_orders PRIMARY KEY (order_id);
ALTER TABLE ONLY order_details ADD CONSTRAINT pk_order_details PRIMARY KEY (order_id, category_id);
ALTER TABLE ONLY orders
    ADD CONSTRAINT fk_orders_customers FOREIGN KEY (customer_id) REFERENCES customers;
ALTER TABLE ONLY order_details
    ADD CONSTRAINT fk_order_details_orders FOREIGN KEY (order_id) REFERENCES orders;
ALTER TABLE ONLY order_details
    ADD CONSTRAINT fk_order_details_categories FOREIGN KEY (category_id) REFERENCES categories;
