"""One project, files in and folder out; and many of them."""

from pipeline.project_run.jobs import plan_jobs, run_jobs
from pipeline.project_run.order import Job, Wish, run_project

__all__ = ["Job", "Wish", "plan_jobs", "run_jobs", "run_project"]
