-- As scripts for MySQL are written by hand (Sakila is one): names without quotes, tables that refer to each other in a
-- ring, YEAR, SET, BINARY, unnamed keys, keys with two spaces, indexes of references, triggers, routines, and views.

SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0;
DROP SCHEMA IF EXISTS rentals;
CREATE SCHEMA rentals;
USE rentals;

CREATE TABLE shop (
  shop_id TINYINT UNSIGNED NOT NULL AUTO_INCREMENT,
  head_clerk_id SMALLINT UNSIGNED NOT NULL,
  opened DATETIME NOT NULL,
  changed TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY  (shop_id),
  UNIQUE KEY one_head (head_clerk_id),
  CONSTRAINT fk_shop_clerk FOREIGN KEY (head_clerk_id) REFERENCES clerk (clerk_id) ON DELETE RESTRICT ON UPDATE CASCADE
)ENGINE=InnoDB DEFAULT CHARSET=utf8;

CREATE TABLE clerk (
  clerk_id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT,
  login VARCHAR(16) NOT NULL,
  secret VARCHAR(40) BINARY DEFAULT NULL,
  portrait MEDIUMBLOB DEFAULT NULL,
  shop_id TINYINT UNSIGNED NOT NULL,
  active BOOLEAN NOT NULL DEFAULT TRUE,
  changed TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY  (clerk_id),
  KEY idx_fk_shop (shop_id),
  CONSTRAINT fk_clerk_shop FOREIGN KEY (shop_id) REFERENCES shop (shop_id) ON DELETE RESTRICT ON UPDATE CASCADE
)ENGINE=InnoDB DEFAULT CHARSET=utf8;

CREATE TABLE movie (
  movie_id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  title VARCHAR(255) NOT NULL,
  summary TEXT DEFAULT NULL,
  made YEAR DEFAULT NULL,
  days TINYINT UNSIGNED NOT NULL DEFAULT 3,
  rate DECIMAL(4,2) NOT NULL DEFAULT 4.99,
  length SMALLINT UNSIGNED DEFAULT NULL,
  rating ENUM('all','12 and older','it''s for adults') DEFAULT 'all',
  extras SET('trailer','comments') DEFAULT NULL,
  PRIMARY KEY  (movie_id),
  KEY idx_title (title)
)ENGINE=InnoDB DEFAULT CHARSET=utf8;

CREATE TABLE movie_text (
  movie_id INT NOT NULL,
  title VARCHAR(255) NOT NULL,
  PRIMARY KEY  (movie_id),
  FULLTEXT KEY idx_words (title)
)ENGINE=InnoDB;

DELIMITER ;;
CREATE TRIGGER `ins_movie` AFTER INSERT ON `movie` FOR EACH ROW BEGIN
    INSERT INTO movie_text (movie_id, title) VALUES (new.movie_id, new.title);
  END;;
DELIMITER ;

CREATE TABLE rental (
  rental_id INT NOT NULL AUTO_INCREMENT,
  begun DATETIME NOT NULL,
  movie_id INT UNSIGNED NOT NULL,
  clerk_id SMALLINT UNSIGNED DEFAULT NULL,
  PRIMARY KEY (rental_id),
  UNIQUE KEY  (begun,movie_id),
  KEY idx_fk_clerk (clerk_id),
  KEY idx_both (clerk_id,movie_id),
  CONSTRAINT fk_rental_movie FOREIGN KEY (movie_id) REFERENCES movie (movie_id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT fk_rental_clerk FOREIGN KEY (clerk_id) REFERENCES clerk (clerk_id) ON DELETE SET NULL ON UPDATE CASCADE
)ENGINE=InnoDB DEFAULT CHARSET=utf8;

CREATE VIEW rental_list
AS
SELECT r.rental_id AS ID, CONCAT(m.title, _utf8' ', r.begun) AS name FROM rental AS r JOIN movie AS m USING (movie_id);

DELIMITER $$
CREATE PROCEDURE report (IN least TINYINT UNSIGNED) READS SQL DATA COMMENT 'A report; of sorts'
BEGIN
    SELECT * FROM rental;
END $$
CREATE FUNCTION late(p_id INT) RETURNS DECIMAL(5,2) DETERMINISTIC READS SQL DATA
BEGIN
  RETURN 0;
END $$
DELIMITER ;
SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS;
