-- Faults of declaration, the smallest example of each.

-- A cycle: nobody can be hired before a department exists, and a department wants a head. (An employee's manager is an
-- employee too: that is no cycle.)
CREATE TABLE departments (
  id      INTEGER PRIMARY KEY,
  name    TEXT NOT NULL,
  head_id INTEGER CONSTRAINT fk_departments_head REFERENCES employees (id)
);
CREATE TABLE employees (
  id            INTEGER PRIMARY KEY,
  department_id INTEGER NOT NULL CONSTRAINT fk_employees_department REFERENCES departments (id),
  manager_id    INTEGER CONSTRAINT fk_employees_manager REFERENCES employees (id)
);
CREATE INDEX idx_departments_head ON departments (head_id);
CREATE INDEX idx_employees_department ON employees (department_id);
CREATE INDEX idx_employees_manager ON employees (manager_id);
INSERT INTO departments VALUES (1, 'Warehouse', 1), (2, 'Sales', 4), (3, 'Planned', NULL);
INSERT INTO employees VALUES (1, 1, NULL), (2, 1, 1), (3, 1, 1), (4, 2, 1), (5, 2, 4);

-- A deep cascade: closing a warehouse takes four levels of tables along, and no index leads from a bin to its lots.
CREATE TABLE warehouses (id INTEGER PRIMARY KEY, city TEXT NOT NULL);
CREATE TABLE aisles (
  id           INTEGER PRIMARY KEY,
  warehouse_id INTEGER NOT NULL CONSTRAINT fk_aisles_warehouse REFERENCES warehouses (id) ON DELETE CASCADE
);
CREATE TABLE shelves (
  id       INTEGER PRIMARY KEY,
  aisle_id INTEGER NOT NULL CONSTRAINT fk_shelves_aisle REFERENCES aisles (id) ON DELETE CASCADE
);
CREATE TABLE bins (
  id       INTEGER PRIMARY KEY,
  shelf_id INTEGER NOT NULL CONSTRAINT fk_bins_shelf REFERENCES shelves (id) ON DELETE CASCADE
);
CREATE TABLE stock_lots (
  id     INTEGER PRIMARY KEY,
  bin_id INTEGER NOT NULL CONSTRAINT fk_stock_lots_bin REFERENCES bins (id) ON DELETE CASCADE,
  pieces INTEGER NOT NULL
);
CREATE INDEX idx_aisles_warehouse ON aisles (warehouse_id);
CREATE INDEX idx_shelves_aisle ON shelves (aisle_id);
CREATE INDEX idx_bins_shelf ON bins (shelf_id);
INSERT INTO warehouses VALUES (1, 'Rotterdam'), (2, 'Gdansk');
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 4)
INSERT INTO aisles SELECT n, 1 + n % 2 FROM numbers;
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 16)
INSERT INTO shelves SELECT n, 1 + n % 4 FROM numbers;
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 64)
INSERT INTO bins SELECT n, 1 + n % 16 FROM numbers;
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 256)
INSERT INTO stock_lots SELECT n, 1 + n % 64, n FROM numbers;

-- A parent table that does not exist: campaigns was dropped, four coupons still name one, two name none.
CREATE TABLE coupons (
  code        TEXT PRIMARY KEY,
  campaign_id INTEGER CONSTRAINT fk_coupons_campaign REFERENCES campaigns (id)
);
CREATE INDEX idx_coupons_campaign ON coupons (campaign_id);
INSERT INTO coupons VALUES ('SPRING', 1), ('SUMMER', 1), ('AUTUMN', 2), ('WINTER', 3), ('FRIEND', NULL), ('STAFF', NULL);

-- A parent column that does not exist: customers lost its number to a migration.
CREATE TABLE gift_cards (
  id          INTEGER PRIMARY KEY,
  customer_no TEXT CONSTRAINT fk_gift_cards_customer REFERENCES customers (number)
);
CREATE INDEX idx_gift_cards_customer ON gift_cards (customer_no);
INSERT INTO gift_cards VALUES (1, 'C-1'), (2, 'C-2'), (3, NULL);

-- One column against a primary key of two: the engine says "foreign key mismatch" to every write.
CREATE TABLE stock_counts (
  id           INTEGER PRIMARY KEY,
  product_code TEXT CONSTRAINT fk_stock_counts_product REFERENCES products
);
CREATE INDEX idx_stock_counts_product ON stock_counts (product_code);
INSERT INTO stock_counts VALUES (1, 'A-001');

-- A parent column that nothing keeps unique: two regions sell products of the same name.
CREATE TABLE price_history (
  id           INTEGER PRIMARY KEY,
  product_name TEXT NOT NULL CONSTRAINT fk_price_history_product REFERENCES products (name),
  cents        INTEGER NOT NULL
);
CREATE INDEX idx_price_history_product ON price_history (product_name);
INSERT INTO price_history VALUES (1, 'Product 1', 995), (2, 'Product 2', 1295);

-- A default that names nobody: articles of a deleted category should fall to category 0, which was deleted itself.
CREATE TABLE categories (id INTEGER PRIMARY KEY, title TEXT NOT NULL);
CREATE TABLE articles (
  id          INTEGER PRIMARY KEY,
  category_id INTEGER NOT NULL DEFAULT 0
    CONSTRAINT fk_articles_category REFERENCES categories (id) ON DELETE SET DEFAULT
);
CREATE INDEX idx_articles_category ON articles (category_id);
INSERT INTO categories VALUES (1, 'News'), (2, 'Guides');
INSERT INTO articles VALUES (1, 1), (2, 1), (3, 2);

-- Collations that differ: for the constraint 'DE' has the parent 'de', for a join it depends on how it is written.
CREATE TABLE languages (code TEXT PRIMARY KEY COLLATE NOCASE, name TEXT NOT NULL);
CREATE TABLE translations (
  id   INTEGER PRIMARY KEY,
  lang TEXT NOT NULL CONSTRAINT fk_translations_language REFERENCES languages (code)
);
CREATE INDEX idx_translations_lang ON translations (lang);
INSERT INTO languages VALUES ('de', 'German'), ('en', 'English'), ('nl', 'Dutch');
INSERT INTO translations VALUES (1, 'de'), (2, 'DE'), (3, 'en'), (4, 'Nl');

-- Names somebody chose: a quote, a comment, a line break, and a word the language keeps for itself. One row is an orphan.
CREATE TABLE "group" ("select" INTEGER PRIMARY KEY, "it's; -- ""quoted""" TEXT);
CREATE TABLE "line
break" (
  id           INTEGER PRIMARY KEY,
  "order by 1" INTEGER CONSTRAINT "drop table users; --" REFERENCES "group" ("select") ON DELETE CASCADE
);
CREATE INDEX "idx ""1""" ON "line
break" ("order by 1");
INSERT INTO "group" VALUES (1, 'one'), (2, 'two');
INSERT INTO "line
break" VALUES (1, 1), (2, 2), (3, 3), (4, NULL);
