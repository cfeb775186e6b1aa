-- A phrase is found by what joins its words, too: pg_trgm does not look at spaces, so a digit stands for them.
DO $$
BEGIN
  DROP INDEX IF EXISTS documents_titles, documents_descriptions, project_texts_grams;
  CREATE INDEX documents_titles ON documents USING gin (replace(title_folded, ' ', '0') gin_trgm_ops);
  CREATE INDEX documents_descriptions ON documents USING gin (replace(description_folded, ' ', '0') gin_trgm_ops);
  CREATE INDEX project_texts_grams ON project_texts USING gin (replace(text, ' ', '0') gin_trgm_ops);
EXCEPTION WHEN OTHERS THEN
  RAISE WARNING 'no index for searches: %', SQLERRM;
END
$$;
