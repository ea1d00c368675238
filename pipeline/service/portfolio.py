"""The portfolio run: judge all projects together, write the status page and the daily report aside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from urllib.parse import quote

from pipeline.adapters.files import write_atomic
from pipeline.adapters.libreoffice import LibreOffice
from pipeline.check.portfolio import judge_portfolio
from pipeline.core.company import Company
from pipeline.core.findings import Rule
from pipeline.core.portfolio import Known, Link, Night, PortfolioResult
from pipeline.definitions.forms import Form
from pipeline.derive.portfolio import portfolio
from pipeline.render.status_page import PageInfo, status_page
