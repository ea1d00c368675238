"""One project, files in and folder out; and many of them."""

from pipeline.project_run.jobs import Plan, plan_jobs, run_jobs
from pipeline.project_run.judged import NothingRecognised
from pipeline.project_run.order import Job, run_project
from pipeline.project_run.request import RunRequest

__all__ = ["Job", "NothingRecognised", "Plan", "RunRequest", "plan_jobs", "run_jobs", "run_project"]
