"""What RecBole's own checkpoint tells of its model: the configuration that is saved with it."""

from typing import Any

from .torch_pickle import Made

# RecBole's settings, by the questions of the layout recbole.
_ANSWERS = {"gru_type": "gru_type", "pooling_mode": "pooling_mode", "max_history": "MAX_ITEM_LIST_LENGTH"}


def recbole_answers(content: Any) -> dict[str, Any]:
    """The answers to the questions of the layout recbole; none, if the content is not RecBole's."""
    config = content.get("config") if isinstance(content, dict) else None
    if not isinstance(config, Made) or str(config.of) != "recbole.config.configurator.Config":
        return {}
    settings = config.attribute("final_config_dict")
    if not isinstance(settings, dict):
        return {}
    return {answer: settings[name] for answer, name in _ANSWERS.items() if isinstance(settings.get(name), (str, int))}
