"""perflib: measures, comparison and reports for budget performance management (预算绩效管理)."""
