"""What people call the formats."""

FORMAT_CHOICES = [
    ("auto", "Guess it from the first row"),
    ("tasks", "Tasks to judge (JSONL, CSV or Parquet)"),
    ("canonical", "Canonical judgments (CSV, JSONL or Parquet)"),
    ("ratings", "Scores and labels of single responses (CSV, JSONL or Parquet)"),
    ("preference", "Preferences for training (TRL: prompt, chosen, rejected)"),
    ("hh", "Transcripts as in Anthropic's HH"),
    ("arena", "Chatbot Arena battles, MT-Bench votes"),
    ("helpsteer3", "HelpSteer3 preferences"),
    ("nectar", "Nectar rankings"),
    ("ultrafeedback", "UltraFeedback ratings"),
    ("rewardbench", "RewardBench"),
    ("label_studio", "Label Studio export (JSON)"),
    ("argilla", "Argilla export (JSON or JSONL)"),
    ("helm", "HITs of HELM's critiques (CSV)"),
    ("plain", "Plain table: prompt, response_1, response_2, annotator, choice"),
    ("mt_bench_judgments", "MT-Bench judgments of a judge (JSONL)"),
    ("alpaca_eval", "AlpacaEval annotations (JSON or JSONL)"),
    ("arena_hard", "Arena-Hard judgments (JSONL)"),
    ("llmfao", "LLMFAO folder"),
    ("mt_bench", "MT-Bench folder"),
]
