-- Story 5: "why does this order not show up?" Each dangling reference has another reason, and each looks nearly right.
--
--   declared                                          rows  null  partly  orphans
--   orders.customer_id        -> customers            1200     0       0       40   see below
--   order_items.order_id      -> orders               2403     0       0        3   order 1299 is gone
--   order_items.(product_code, region) -> products    2403     1       1        6   see below
--   order_documents.order_public_id -> orders          150     1       0        1   the nil uuid
--   refunds.order_id          -> orders, twice           80     0       0        0   two constraints that disagree
--
-- orders.customer_id: twenty orders of customers 51 and 52, deleted for good; twelve with the sentinel 0, eight with -1.
-- Customer 5 is only marked as deleted: its orders do have a parent.
-- order_items: a lower-case code, a trailing blank, an empty code, a code without its leading zeros, a region that never
-- was, and a value that would paint the terminal red.

CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, deleted_at TEXT);
CREATE TABLE orders (
  id          INTEGER PRIMARY KEY,
  public_id   TEXT    NOT NULL UNIQUE,
  customer_id INTEGER NOT NULL CONSTRAINT fk_orders_customer REFERENCES customers (id) ON DELETE RESTRICT,
  placed_at   TEXT    NOT NULL
);
CREATE TABLE products (code TEXT, region TEXT, name TEXT NOT NULL, PRIMARY KEY (code, region));
CREATE TABLE order_items (
  id           INTEGER PRIMARY KEY,
  order_id     INTEGER NOT NULL CONSTRAINT fk_order_items_order REFERENCES orders (id) ON DELETE CASCADE,
  product_code TEXT,
  region       TEXT,
  CONSTRAINT fk_order_items_product FOREIGN KEY (product_code, region) REFERENCES products (code, region)
);
CREATE TABLE order_documents (
  id              INTEGER PRIMARY KEY,
  order_public_id TEXT CONSTRAINT fk_order_documents_order REFERENCES orders (public_id)
);
CREATE TABLE refunds (
  id       INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL CONSTRAINT fk_refunds_order REFERENCES orders (id) ON DELETE CASCADE,
  cents    INTEGER NOT NULL,
  CONSTRAINT fk_refunds_order_again FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE RESTRICT
);
CREATE INDEX idx_orders_customer ON orders (customer_id);
CREATE INDEX idx_order_items_order ON order_items (order_id);
CREATE INDEX idx_order_items_product ON order_items (region, product_code);
CREATE INDEX idx_order_documents_order ON order_documents (order_public_id);
CREATE INDEX idx_refunds_order ON refunds (order_id);

WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 50)
INSERT INTO customers SELECT n, 'Customer ' || n, CASE WHEN n = 5 THEN '2025-02-01' END FROM numbers;
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1200)
INSERT INTO orders
SELECT n, printf('00000000-0000-4000-8000-%012d', n),
       CASE WHEN n <= 1160 THEN 1 + n % 50 WHEN n <= 1180 THEN 51 + n % 2 WHEN n <= 1192 THEN 0 ELSE -1 END,
       datetime('2025-03-01', n || ' hours')
FROM numbers;
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 40)
INSERT INTO products SELECT printf('A-%03d', (n + 1) / 2), CASE n % 2 WHEN 0 THEN 'eu' ELSE 'us' END, 'Product ' || (1 + n % 30)
FROM numbers;
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 2403)
INSERT INTO order_items
SELECT n, CASE WHEN n <= 2400 THEN 1 + (n - 1) / 2 ELSE 1299 END, printf('A-%03d', 1 + n % 20), CASE n % 2 WHEN 0 THEN 'eu' ELSE 'us' END
FROM numbers;
UPDATE order_items SET (product_code, region) = ('a-001', 'eu')  WHERE id = 10;
UPDATE order_items SET (product_code, region) = ('A-001 ', 'eu') WHERE id = 20;
UPDATE order_items SET (product_code, region) = ('', 'eu')       WHERE id = 30;
UPDATE order_items SET (product_code, region) = ('A-1', 'us')    WHERE id = 40;
UPDATE order_items SET (product_code, region) = ('A-001', 'apac') WHERE id = 50;
UPDATE order_items SET (product_code, region) = (char(27) || '[31mA-001', 'eu') WHERE id = 60;
UPDATE order_items SET (product_code, region) = ('A-001', NULL)  WHERE id = 70;
UPDATE order_items SET (product_code, region) = (NULL, NULL)     WHERE id = 80;
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 150)
INSERT INTO order_documents
SELECT n, CASE n WHEN 7 THEN '00000000-0000-0000-0000-000000000000' WHEN 8 THEN NULL
               ELSE printf('00000000-0000-4000-8000-%012d', n) END
FROM numbers;
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 80)
INSERT INTO refunds SELECT n, 10 * n, 100 * n FROM numbers;
