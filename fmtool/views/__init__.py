"""What people look at: the web map, the workbook, the report, the charts and the tables."""
