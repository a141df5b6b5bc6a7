# The values in models.csv: R's answers to the questions of test_models_against_other_programs.py, in this directory:
#     Rscript models.R
# R 4.2.2 with survival 3.5-3, cmprsk 2.2-11, nlme 3.1-162, lme4 1.1-31, lmerTest 3.1-3, pbkrtest 0.5.2, ordinal, mice.
# Data: lung (Loprinzi et al., J Clin Oncol 1994;12:601), mgus2 (Kyle et al., NEJM 2002;346:564), every fifth patient,
# Orthodont (Potthoff & Roy, Biometrika 1964;51:313) with holes made here (column seen).
suppressMessages({library(survival); library(cmprsk); library(nlme); library(lme4); library(lmerTest); library(pbkrtest)})
rows <- list()
put <- function(case, names, values) rows[[length(rows) + 1]] <<-
  data.frame(case = case, quantity = names, value = trimws(formatC(as.numeric(values), digits = 15, format = "g")))

lung <- read.csv("lung.csv"); y <- Surv(lung$time, lung$status)
for (scale in c("log", "log-log", "plain", "arcsin")) {
  fit <- survfit(y ~ sex, lung, conf.type = scale); s <- summary(fit, times = c(100, 365, 800)); q <- quantile(fit, c(.25, .5))
  put(paste("km", scale), paste0(rep(c("s", "se", "lower", "upper"), each = 6), "_", 1:6), c(s$surv, s$std.err, s$lower, s$upper))
  put(paste("km", scale), paste0(rep(c("q", "qlower", "qupper"), each = 4), "_", 1:4), c(t(q$quantile), t(q$lower), t(q$upper)))
}
m <- summary(survfit(y ~ sex, lung), rmean = 500)$table; put("rmst", c("m1", "m2", "se1", "se2"), c(m[, 5], m[, 6]))
put("logrank", c("sex", "rho1", "strata", "ecog"), c(survdiff(y ~ sex, lung)$chisq, survdiff(y ~ sex, lung, rho = 1)$chisq,
  survdiff(y ~ sex + strata(ph.ecog), lung)$chisq, survdiff(y ~ ph.ecog, lung)$chisq))
cox <- function(case, fit, zph = NULL) {
  put(case, paste0("b", seq_along(coef(fit))), coef(fit)); put(case, paste0("se", seq_along(coef(fit))), sqrt(diag(vcov(fit))))
  put(case, c("null", "loglik", "score"), c(fit$loglik, fit$score))
  if (!is.null(zph)) put(case, paste0("zph", seq_along(zph)), zph)
}
control <- coxph.control(eps = 1e-12, toler.chol = 1e-14, iter.max = 50)
fit <- coxph(y ~ sex, lung, control = control); cox("cox sex", fit, cox.zph(fit)$table[1, 1])
fit <- coxph(y ~ sex + age + ph.ecog, lung, control = control); cox("cox efron", fit, cox.zph(fit)$table[, 1])
cox("cox breslow", coxph(y ~ sex + age + ph.ecog, lung, ties = "breslow", control = control))
fit <- coxph(y ~ age + ph.ecog + strata(sex), lung, control = control); cox("cox strata", fit, cox.zph(fit)$table[, 1])
month <- transform(lung, time = ceiling(time / 90)) # heavy ties
cox("cox ties", coxph(Surv(time, status) ~ sex + age, month, control = control))
late <- transform(lung, entry = ifelse(age > 65, 5, 0) + age %% 7); late <- late[late$entry < late$time, ]
fit <- coxph(Surv(entry, time, status) ~ sex + age, late, control = control); cox("cox entry", fit, cox.zph(fit)$table[, 1])

mgus <- mgus2[seq(1, nrow(mgus2), by = 5), ]
mgus <- data.frame(time = ifelse(mgus$pstat == 1, mgus$ptime, mgus$futime), cause = ifelse(mgus$pstat == 1, 1, 2 * mgus$death),
  age = mgus$age, male = as.integer(mgus$sex == "M"))
mgus$third <- c("old", "middle", "young")[1 + (mgus$age < 77) + (mgus$age < 66)]
write.csv(mgus, "mgus.csv", row.names = FALSE, quote = FALSE)
times <- c(24, 60, 120, 240); p <- timepoints(cuminc(mgus$time, mgus$cause), times)
put("incidence", paste0(rep(c("cause1_", "cause2_"), 4), rep(times, each = 2)), p$est)
put("incidence", paste0(rep(c("var1_", "var2_"), 4), rep(times, each = 2)), p$var)
put("gray", c("sex1", "sex2"), cuminc(mgus$time, mgus$cause, mgus$male)$Tests[, 1])
put("gray", c("third1", "third2"), cuminc(mgus$time, mgus$cause, mgus$third)$Tests[, 1])
put("gray", c("strata1", "strata2"), cuminc(mgus$time, mgus$cause, mgus$third, strata = mgus$male)$Tests[, 1])
years <- ceiling(mgus$time / 24); put("gray", c("ties1", "ties2"), cuminc(years, mgus$cause, mgus$third)$Tests[, 1])
p <- timepoints(cuminc(years, mgus$cause), c(2, 5, 10)); put("incidence ties", paste0("var", 1:6), p$var)
for (cause in 1:2) {
  fit <- crr(mgus$time, mgus$cause, cbind(mgus$age, mgus$male), failcode = cause, gtol = 1e-12)
  put(paste("crr", cause), c("b1", "b2", "v11", "v12", "v22", "loglik"), c(fit$coef, fit$var[c(1, 2, 4)], fit$loglik))
  fit <- crr(years, mgus$cause, cbind(mgus$age, mgus$male), failcode = cause, gtol = 1e-12)
  put(paste("crr ties", cause), c("b1", "b2", "v11", "v12", "v22", "loglik"), c(fit$coef, fit$var[c(1, 2, 4)], fit$loglik))
}

d <- read.csv("orthodont.csv"); d$visit <- factor(d$age); d$v <- as.integer(d$visit); d$sex <- factor(d$sex)
u <- d[d$seen == 1, ]; u <- u[order(u$subject, u$v), ]
tight <- glsControl(msMaxIter = 1000, msTol = 1e-16, tolerance = 1e-14)
gls4 <- function(data, kind) {
  cor <- switch(kind, unstructured = corSymm(form = ~v | subject), `compound-symmetry` = corCompSymm(form = ~v | subject), ar1 = corAR1(form = ~v | subject))
  if (kind == "unstructured") gls(distance ~ 0 + visit + visit:sex, data, correlation = cor, weights = varIdent(form = ~ 1 | v), control = tight)
  else gls(distance ~ 0 + visit + visit:sex, data, correlation = cor, control = tight)
}
for (kind in c("unstructured", "compound-symmetry", "ar1")) {
  fit <- gls4(u, kind); t <- summary(fit)$tTable
  put(paste("gls", kind), "deviance", -2 * logLik(fit)); put(paste("gls", kind), paste0("b", 1:8), t[, 1]); put(paste("gls", kind), paste0("se", 1:8), t[, 2])
}
fit <- lmerTest::lmer(distance ~ 0 + visit + visit:sex + (1 | subject), u, control = lmerControl(optCtrl = list(xtol_abs = 1e-14, ftol_abs = 1e-16)))
t <- coef(summary(fit)); put("lmer satterthwaite", paste0("se", 1:8), t[, 2]); put("lmer satterthwaite", paste0("df", 1:8), t[, 3])
t <- coef(summary(fit, ddf = "Kenward-Roger")); put("lmer kenward-roger", paste0("se", 1:8), t[, 2]); put("lmer kenward-roger", paste0("df", 1:8), t[, 3])
L <- cbind(matrix(0, 4, 4), diag(4)); f <- contest(fit, L); put("lmer satterthwaite", c("F", "ddf"), c(f[["F value"]], f$DenDF))
f <- contest(fit, L, ddf = "Kenward-Roger"); put("lmer kenward-roger", c("F", "ddf"), c(f[["F value"]], f$DenDF))

e <- lung[!is.na(lung$ph.ecog), ]; e$y <- factor(e$ph.ecog); fit <- ordinal::clm(y ~ age + sex, data = e, control = list(gradTol = 1e-12))
put("clm", paste0("b", 1:5), coef(fit)); put("clm", paste0("se", 1:5), sqrt(diag(vcov(fit)))); put("clm", "loglik", logLik(fit))
put("glm", c("b", "se"), summary(glm(I(sex == 2) ~ age, binomial, lung, control = list(epsilon = 1e-14)))$coefficients[2, 1:2])
one <- c(1.1, 2.2, 0.4, 3.3, 5.1, 2.6, 0.2); two <- c(2.1, 4.4, 3.6, 6.1, 5.3, 1.9, 7.2, 8.8)
w <- wilcox.test(two, one, conf.int = TRUE); put("wilcox", c("W", "p", "lower", "upper", "shift"), c(w$statistic, w$p.value, w$conf.int, w$estimate))
w <- suppressWarnings(wilcox.test(age ~ sex, lung)); put("wilcox ties", "p", w$p.value)
p <- mice::pool.scalar(c(1.2, 0.7, 1.9, 1.4, 1.1), c(.30, .28, .35, .31, .29)^2, n = 61, k = 2)
put("mice", c("estimate", "t", "df", "fmi"), c(p$qbar, p$t, p$df, p$fmi))
p <- mice::pool.scalar(c(1.2, 0.7, 1.9, 1.4, 1.1), c(.30, .28, .35, .31, .29)^2, rule = "rubin1987", n = Inf); put("mice old", "df", (5 - 1) * (1 + 1 / p$r)^2)
fit <- lm(time ~ I(sex == 2) + age, lung); put("lm", c("b", "se"), summary(fit)$coefficients[2, 1:2])
put("lm", "hc3", sqrt(sandwich::vcovHC(fit, type = "HC3")[2, 2]))
write.csv(do.call(rbind, rows), "models.csv", row.names = FALSE, quote = FALSE)
