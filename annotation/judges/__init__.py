"""Talk to an LLM judge: prompt, call, retry, bind the verdict. Plain Python: no Django, no database."""
