"""Table folders of CSV, XLSX and Parquet in and out."""
