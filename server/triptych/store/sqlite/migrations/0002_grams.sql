-- Which rows and columns have a trigram, not where: texts are compared with what is found anyhow.

DROP TABLE document_grams;
CREATE VIRTUAL TABLE document_grams USING fts5 (
  title_folded, description_folded, tokenize = 'trigram case_sensitive 1', columnsize = 0, detail = column,
  content = 'documents', content_rowid = 'seq'
);
INSERT INTO document_grams (document_grams) VALUES ('rebuild');

DROP TABLE project_grams;
CREATE VIRTUAL TABLE project_grams USING fts5 (
  text, tokenize = 'trigram case_sensitive 1', columnsize = 0, detail = column,
  content = 'project_texts', content_rowid = 'seq'
);
INSERT INTO project_grams (project_grams) VALUES ('rebuild');
