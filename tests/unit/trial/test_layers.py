"""Layers: each does what it says, and leaves the draws of the others alone."""

from dataclasses import replace

import numpy as np
import pytest
from made_up_studies import fixed, one_arm, two_arms

from azygos.errors import InputError
from azygos.exchange.study import named_study
from azygos.study.design import Allocation
from azygos.trial.conduct import conduct, recorded
from azygos.trial.layers.harm import DEATH
from azygos.trial.layers.person import EDSS_SD, RATER_SD, observed_edss
from azygos.trial.run import simulate
from azygos.trial.study import LAYERS, Effect, effect, packaged_names
from azygos.trial.twin import true_effect, twins
from azygos.trial.world import repeats_of, world


def test_twins_can_be_asked_only_for_what_their_study_asks():
    with pytest.raises(InputError, match="'physikal' is nothing that is asked"):
        twins(named_study("canada-2018"), 1, "physikal")


def test_twins_whom_nothing_tells_apart_are_alike_to_the_last_digit():
    study = named_study("canada-2018").without("unblinding")
    control, treated = twins(study, 1, "qol_physical")
    np.testing.assert_array_equal(control, treated)


def test_twins_differ_by_the_effect_alone():
    study = two_arms(layers=("noise", "fluctuation", "course", "expectation"))
    control, treated = twins(study, 1, "physical", Effect(amount=0.3))
    np.testing.assert_allclose(control[..., 1] - treated[..., 1], 0.3 * 22.0)
    np.testing.assert_array_equal(control[..., 0], treated[..., 0])
    assert true_effect(study, 1, "physical", Effect(amount=0.3)) == pytest.approx(-6.6)


@pytest.mark.parametrize("layer", ["complications", "answering", "recall", "unblinding"])
def test_switching_a_layer_off_leaves_scores_that_it_does_not_touch_as_they_were(layer):
    study = named_study("hubbard-2012")
    before, after = world(study, 1).values, world(study.without(layer), 1).values
    for score in ("physical", "mental"):
        np.testing.assert_array_equal(before[score], after[score])


def test_without_expectation_the_rest_of_a_score_is_what_it_was():
    study = two_arms(layers=("noise", "fluctuation", "expectation"), blinded=False)
    with_it, without = world(study, 2), world(study.without("expectation"), 2)
    shift = without.values["physical"] - with_it.values["physical"]
    np.testing.assert_allclose(shift[..., 0], 0.0, atol=1e-12)
    np.testing.assert_allclose(shift[..., 1][with_it.arm == 0], 0.0, atol=1e-12)  # who knows that nothing was done
    assert np.abs(shift[..., 1][with_it.arm == 1]).min() > 0.0


def test_a_repeat_is_the_same_alone_or_among_many():
    study = named_study("premise-2014")
    repeat = repeats_of(study) + 3
    alone = conduct(study, 9, repeat)
    again = conduct(study, 9, repeat)
    np.testing.assert_array_equal(alone.values["value"], again.values["value"])
    few, many = (simulate(study, 9, n).of["new lesions", ""].estimate for n in (10, 2500))
    np.testing.assert_array_equal(few, many[:10])


def test_seeds_and_studies_draw_differently():
    study = one_arm(layers=("noise",))
    first, second = (simulate(study, seed, 5).of["change", "treated"].estimate for seed in (1, 2))
    assert not np.any(first == second)


def test_two_raters_agree_on_the_edss_as_often_as_was_measured():
    # Noseworthy, Neurology 1990;40:971: exactly in 69 %, within one step in 92 % and more.
    from azygos.rng import stream

    rng = stream(1, "raters")
    latent = rng.uniform(2.0, 7.0, 200_000)
    first, second = (observed_edss(latent, RATER_SD * rng.standard_normal(200_000)) for _ in range(2))
    assert np.mean(first == second) == pytest.approx(0.69, abs=0.01)
    assert np.mean(np.abs(first - second) <= 0.5) >= 0.92


def test_nobody_has_an_edss_of_a_half():
    assert set(observed_edss(np.linspace(-1.0, 11.0, 200), np.zeros(200))) == {0.0, *np.arange(2, 20) / 2.0}


def test_scores_and_edss_correlate_as_was_measured():
    study = two_arms(500, layers=("noise", "fluctuation"))
    study = replace(study, patients=replace(study.patients, forms={"RRMS": 0.5, "SPMS": 0.4, "PPMS": 0.1}))
    people = world(study, 1).people
    spread = people["edss_latent"].std() / EDSS_SD  # this mix of forms need not have the spread of the clinic's
    r = np.corrcoef(people["edss_latent"].ravel(), people["physical"].ravel())[0, 1]
    slope = 0.68 * spread
    assert r == pytest.approx(slope / np.sqrt(slope**2 + 1.0 - 0.68**2), abs=0.02)


def test_relapses_come_at_their_rate_and_fewer_under_a_drug():
    study = named_study("premise-2014")
    study = replace(study, priors=fixed(relapse_rate=0.6, drug_share=0.5, drug_ratio=0.4), use_calibration=False)
    counts = np.concatenate([world(study, seed).values["relapses"][..., -1].ravel() for seed in range(3)])
    expected = 0.6 * (0.5 + 0.5 * 0.4) * 0.5  # half a year
    assert counts.mean() == pytest.approx(expected, abs=4.0 * counts.std() / np.sqrt(len(counts)))


def test_lesions_are_as_many_and_as_unequal_as_they_were_set():
    study = named_study("premise-2014")
    study = replace(study, priors=fixed(lesion_rate=2.0, lesion_dispersion=0.5), use_calibration=False)
    counts = np.concatenate([world(study, seed).values["lesions"][..., -1].ravel() for seed in range(3)])
    mean = 2.0 * study.design.follow_ups[-1].day / 365.25
    assert counts.mean() == pytest.approx(mean, rel=0.03)
    assert counts.var() == pytest.approx(mean + mean**2 / 0.5, rel=0.06)


def test_restenosis_takes_the_effect_away():
    study = two_arms(200, layers=("flow",), success=1.0, restenosis=0.4)
    opened = world(study, 1).change.opened[..., 1]
    assert opened.mean() == pytest.approx(0.6 ** (180.0 / 365.25), abs=0.01)


@pytest.mark.parametrize(
    "allocation",
    [
        Allocation(method="simple"),
        Allocation(method="blocks", block_sizes=(4,)),
        Allocation(method="blocks", block_sizes=(2, 6), strata=("form", "centre")),
        Allocation(method="minimisation", strata=("form", "sex", "centre")),
    ],
    ids=str,
)
def test_allocation_is_even_on_average_and_random(allocation):
    arm = world(two_arms(60, allocation=allocation), 1).arm
    assert arm.mean() == pytest.approx(0.5, abs=0.02)
    assert len(np.unique(arm, axis=0)) == len(arm)


def test_blocks_balance_and_minimisation_balances_within_factors():
    blocks = world(two_arms(60, allocation=Allocation(method="blocks", block_sizes=(4, 6))), 1).arm
    assert np.abs(blocks.sum(axis=1) - 30).max() <= 3  # half of the last, cut-off block
    simple, minimised = (
        world(two_arms(60, allocation=Allocation(method=method, strata=("centre",))), 1)
        for method in ("simple", "minimisation")
    )

    def imbalance(known):
        treated = (known.arm == 1) & (known.people["centre"] == 0)
        control = (known.arm == 0) & (known.people["centre"] == 0)
        return np.abs(treated.sum(axis=1) - control.sum(axis=1)).mean()

    assert imbalance(minimised) < 0.6 * imbalance(simple)


def test_only_the_eligible_are_enrolled_and_the_rest_counted():
    study = two_arms(50, layers=("scale", "noise"), eligibility=("edss between 2 and 4", "physical >= 30"))
    people = world(study, 1).people
    assert people["edss"].min() >= 2.0 and people["edss"].max() <= 4.0 and people["physical"].min() >= 30.0
    assert people.screened.mean() > 100


def test_rules_that_let_in_nobody_are_said():
    with pytest.raises(InputError, match="let in 0 %"):
        world(two_arms(50, eligibility=("age > 200",)), 1)


def test_who_knows_that_he_is_untreated_is_lost_more_often():
    # Risk ratio of attrition in control arms that were not blinded: 1.79 (Hróbjartsson, IJE 2014;43).
    study = two_arms(400, layers=("answering",), blinded=False, loss_untreated=1.79, answering=0.0)
    study = replace(study, patients=replace(study.patients, lost=0.05))
    known = world(study, 1)
    lost = [1.0 - known.answered[..., 1][known.arm == arm].mean() for arm in (0, 1)]
    assert lost[1] == pytest.approx(0.05, abs=0.005)
    assert lost[0] / lost[1] == pytest.approx(1.79, rel=0.1)


def test_layers_and_effects_that_are_not_there_are_refused_with_what_is():
    with pytest.raises(InputError, match="did you mean 'noise'"):
        one_arm().without("nois")
    assert effect("moderate", "multiple sclerosis") == Effect(amount=0.5)
    assert effect("0.3 sd", "multiple sclerosis") == Effect(amount=0.3)
    for text in ("0.3", "sd", "huge", "9 sd", "0.3 points"):
        with pytest.raises(InputError, match="is no effect"):
            effect(text, "multiple sclerosis")
    assert effect("0.5", "venous sinus") == Effect(amount=0.5)
    for text in ("1.5", "-0.2", "nan", "0.3 sd"):  # a part of the symptom
        with pytest.raises(InputError, match="from 0 to 1"):
            effect(text, "venous sinus")


@pytest.mark.parametrize("name", packaged_names())
def test_no_constant_but_those_that_a_study_tells_bears_on_its_outcomes(name):
    study = named_study(name)
    others = {prior.name: prior for prior in study.priors.values() if prior not in study.constants}
    assert others
    changed = {name: replace(prior, kind="fixed", a=0.9 * prior.a) for name, prior in others.items()}
    known, same = world(study, 1), world(replace(study, priors={**study.priors, **changed}), 1)
    assert all(np.array_equal(known.values[name], same.values[name]) for name in known.values)
    assert np.array_equal(known.answered, same.answered)


def test_with_all_layers_off_every_layer_is_off():
    assert one_arm().without("all").off == frozenset(LAYERS)


def test_the_sham_has_the_complications_of_access_and_no_others():
    study = named_study("canada-2018")
    counts = {"sham": set(), "venoplasty": set()}
    for seed in range(6):
        known = world(study, seed)
        for harm in known.harms:
            for place, arm in enumerate(study.design.arms):
                if np.isfinite(harm.day[known.arm == place]).any():
                    counts[arm.name].add(harm.event)
    assert counts["sham"] - {DEATH} == {"puncture-site bleeding", "groin haematoma", "arrhythmia"}
    assert counts["venoplasty"] > counts["sham"] | {"dissection", "treated-vein thrombosis"}


def test_complications_come_as_often_as_in_the_series():
    # Dissection: 15 of 495 (Petrov, J Endovasc Ther 2011;18:314), with Jeffreys' prior 15.5 of 496.
    study = named_study("chicago-2012")
    share = [
        np.isfinite(next(h.day for h in world(study, seed).harms if h.event == "dissection")).mean()
        for seed in range(8)
    ]
    assert np.mean(share) == pytest.approx(15.5 / 496, rel=0.05)


def test_who_died_answers_no_more_and_is_not_called_lost():
    known = world(replace(named_study("chicago-2012"), off=frozenset({"answering"})), 3)
    death = next(harm.day for harm in known.harms if harm.event == DEATH)
    dead = np.flatnonzero((death < known.days[..., 1]).any(axis=1))
    assert len(dead) > 5
    for row in dead[:5]:
        dataset = recorded(known, row)
        who = dataset.events["subject"][dataset.events["event"] == "died"]
        assert len(who) and not np.isin(dataset.values["subject"], who).any()
        assert "lost to follow-up" not in set(dataset.events["event"])
